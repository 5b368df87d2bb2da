/** The tokens of the API: the caller that a token stands for, its rights, and its sight of bodies. */
import { hex, sha256 } from "../callback/sha256.ts";
import type { Config } from "../config.ts";
import { log } from "../log.ts";
import { LogLimit } from "../log-limit.ts";
import { type Sentence, say } from "../sentence.ts";
import { timingSafeEqual } from "../timing-safe.ts";
import { networkOf } from "./address.ts";
import { Guesses } from "./guesses.ts";
import { count } from "./isolate-counters.ts";
import { Refusal } from "./reply.ts";

/** The caller of a route, by the token that it has shown. */
export interface Caller {
  /** `admin` may do everything; `read` may only read. The secret of a rule is `read` on its own routes. */
  token: "admin" | "read";
  /** `metadata`: answers hold no body, query or text of an event, and nothing of a response. */
  sees: "bodies" | "metadata";
  /** The first 8 hex digits of the token's SHA-256. They tell tokens apart, and open nothing. */
  by: string;
}

/** The access that a route asks for. `read` is open to both kinds of token, `receiver` to a rule's secret and to `admin`. */
export type Access = "public" | "read" | "admin" | "receiver";

/** The tokens that open a route, in words. */
const takes: Readonly<Record<Exclude<Access, "public">, Sentence>> = {
  read: say`this takes an ADMIN_TOKEN or a READ_TOKEN`,
  admin: say`this takes an ADMIN_TOKEN`,
  receiver: say`this takes the rule's secret or an ADMIN_TOKEN`,
};

type Tokens = Pick<Config, "adminTokens" | "readTokens" | "readTokenSees" | "trustedProxy">;

/** Of this isolate. They are lost with it: a guesser gains twenty guesses by that. */
const guesses = new Guesses();

const guessing = new LogLimit();

/**
 * The caller of a request. Throws a refusal if its token does not give this access.
 * @param secrets of the rule whose events a receiver may have
 */
export async function authorize(
  request: Request,
  config: Tokens,
  access: keyof typeof takes,
  secrets: readonly string[] = [],
): Promise<Caller> {
  const { adminTokens, readTokens, readTokenSees } = config;
  if (adminTokens.length + readTokens.length + secrets.length === 0)
    throw new Refusal(
      403,
      "no_admin_token",
      say`no ADMIN_TOKEN opens the API: it is not set, or /health says what is wrong with it`,
    );
  const given = bearerTokenOf(request);
  if (given === null)
    throw new Refusal(401, "no_token", say`${takes[access]}, as Authorization: Bearer <token>`).with({
      "www-authenticate": challenge,
    });
  // Both lists are compared whole, so that the time reveals nothing about a token that is near.
  const [isAdmin, isReader] = [holds(adminTokens, given), holds(readTokens, given)];
  const isReceiver = holds(secrets, given);
  if (!isAdmin && !isReader && !isReceiver) throw wrongToken(request, config, access);
  if (isReceiver && !isAdmin) return { token: "read", sees: "bodies", by: await shortHash(given) };
  if (access !== "read" && !isAdmin)
    throw new Refusal(403, "read_only", say`${takes[access]}, and a READ_TOKEN may only read`).with({
      "www-authenticate": `${challenge}, error="insufficient_scope"`,
    });
  return {
    token: isAdmin ? "admin" : "read",
    sees: isAdmin ? "bodies" : readTokenSees,
    by: await shortHash(given),
  };
}

/** https://www.rfc-editor.org/rfc/rfc6750#section-3 */
const challenge = 'Bearer realm="tim-relay"';

/**
 * The token of a request; null if it has none. A browser can give a WebSocket no header of its own: its token comes
 * as the subprotocol `bearer.<token>`.
 */
function bearerTokenOf({ headers }: Request): string | null {
  const [, token = null] = /^Bearer +(.+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  if (token !== null || headers.get("upgrade")?.toLowerCase() !== "websocket") return token;
  const protocols = headers.get("sec-websocket-protocol")?.split(",") ?? [];
  const [, offered = null] =
    protocols.map((one) => /^bearer\.(.+)$/.exec(one.trim())).find((found) => found !== null) ?? [];
  return offered;
}

function holds(tokens: readonly string[], given: string): boolean {
  return tokens.filter((token) => timingSafeEqual(given, token)).length > 0;
}

/** Counts a wrong token, and refuses it: from the 21st within a minute on with 429. */
function wrongToken(request: Request, config: Tokens, access: keyof typeof takes): Refusal {
  count("wrongTokens");
  const network = networkOf(request, config);
  const { waitMs, first } = guesses.note(network, Date.now());
  if (waitMs === 0)
    return new Refusal(401, "wrong_token", say`${takes[access]}, and the bearer token is none`).with({
      "www-authenticate": `${challenge}, error="invalid_token"`,
    });
  if (first) guessing.write(log.warn, "wrong tokens", { network });
  const seconds = Math.ceil(waitMs / 1000);
  return new Refusal(
    429,
    "too_many_wrong_tokens",
    say`too many wrong tokens came from this address: wait ${seconds} s, or send the right one`,
  ).with({ "retry-after": String(seconds) });
}

async function shortHash(token: string): Promise<string> {
  const hash = await sha256(token);
  return hex(hash.subarray(0, 4));
}
