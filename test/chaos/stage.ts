/** A gateway among servers that misbehave, each the destination or the backend of a rule of its name. */
import { after } from "node:test";
import { misbehaviours } from "./catalogue.ts";
import type { Misbehaviour } from "./misbehaviour.ts";
import { type MisbehavingServer, serve } from "./server.ts";

/** Secrets of the rules, which some servers echo. They are given as settings. */
export const secrets = {
  CREDENTIAL: "credential-of-the-destination",
  SIGNING: `whsec_${Buffer.alloc(32, "chaos").toString("base64")}`,
};

/** The part of a rule that names the secrets. */
export const withSecrets = { secret: "$SIGNING", headers: { authorization: "Bearer $CREDENTIAL" } };

/** The misbehaviours that can be played on this machine. */
export const playable = misbehaviours.filter(({ onLinux }) => !onLinux || process.platform === "linux");

/** Why the test of a misbehaviour is skipped; false: it is not. */
export function skipOf(misbehaviour: Misbehaviour): string | false {
  return !playable.includes(misbehaviour) && "only Linux has such a queue";
}

/** Bytes of a request that fit into no buffer on the way. */
export const largeText = "x".repeat(900_000);

/** Bytes that may be in buffers of both sides after a connection is no longer read. */
export const mostBuffered = 32 * 2 ** 20;

/** Whether it holds a connection until the time is up. */
export function holds({ name, backend }: Misbehaviour): boolean {
  return backend.how === "timeout" || /^(hang|drip)-/.test(name);
}

/** Starts a server for each misbehaviour. They end with the test, or the file, that starts them. */
export async function serveAll(
  played: readonly Misbehaviour[],
  isWell?: (request: number) => boolean,
): Promise<Map<string, MisbehavingServer>> {
  const servers = await Promise.all(played.map(async (one) => [one.name, await serve(one, isWell)] as const));
  after(() => Promise.all(servers.map(([, server]) => server.close())));
  return new Map(servers);
}

/** Lines of the runtime itself: about a name that does not resolve, and about work of a request that has ended. */
const runtimeLines = [
  /failed to lookup address information/,
  /^stack: \S*workerd@/,
  /warning: NOSENTRY IoContext dropped queued cross-context actions/,
];

/** The gateway's lines of each callback and attempt, and its notice that a busy machine kept an event late. */
const usualLine = /^\{"time":"[^"]+","level":"(?:info|warn)","at":"(?:callback|attempt|kept late)"/;

/** The lines that the gateway has logged, without the runtime's own and the usual ones. */
export function ownLog(log: string): string[] {
  return log
    .split("\n")
    .filter((line) => line !== "" && ![...runtimeLines, usualLine].some((one) => one.test(line)));
}

/** A name of a secret that a text holds; undefined: none. */
export function leakIn(text: string): string | undefined {
  const found = Object.entries(secrets).find(([, secret]) => text.includes(secret.replace(/^whsec_/, "")));
  return found?.[0] ?? /v1,[\w+/]{43}=/.exec(text)?.[0];
}
