/** A gateway of either version on a data folder, and the administrator's view of it. */
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { brotliDecompressSync } from "node:zlib";
import { bundle } from "../../src/cli/bundle.ts";
import { type Run, run } from "../cli/run.ts";
import { app, callbackToken } from "../shard/callbacks.ts";

export interface Listed {
  id: string;
  command: string;
  state: string;
  conversation: string;
  /** The label of its callback. */
  platform: string;
}

export interface Destination {
  name: string;
  state: string;
  waiting: number;
  retrying: number;
  dead: number;
  expired: number;
}

export interface Gateway extends Pick<Run, "kill"> {
  url: string;
  /** With a body it is a POST. Fails unless the answer is a success. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look wherever they like
  api(path: string, body?: object): Promise<any>;
  /** All events, in the order of keeping. */
  events(): Promise<Listed[]>;
  destinations(): Promise<Destination[]>;
  /** The dead letters as `label destination`, sorted. */
  deadLetters(): Promise<string[]>;
}

const adminToken = "admin-token-of-the-tests";

const scratch = mkdtempSync(join(tmpdir(), "tim-relay-upgrade-"));
after(() => rmSync(scratch, { recursive: true, maxRetries: 5 }));

/** An empty folder, removed when the tests of the file have ended. */
export function newFolder(): string {
  return mkdtempSync(join(scratch, "folder-"));
}

/** The folder of today's build. */
export async function today(): Promise<string> {
  return (await bundle(AbortSignal.timeout(120_000))).dir;
}

/** The folder of the build of the version before, unpacked from beside this file. */
export function before(): string {
  const packed = join(import.meta.dirname, "before");
  const dir = newFolder();
  copyFileSync(join(packed, "bundle.json"), join(dir, "bundle.json"));
  writeFileSync(join(dir, "index.js"), brotliDecompressSync(readFileSync(join(packed, "index.js.br"))));
  return dir;
}

/**
 * Starts a build on a data folder; resolves when it answers requests.
 * @param build the folder of a build
 */
export async function start(
  build: string,
  dataDir: string,
  rules: readonly object[],
  more: Readonly<Record<string, string>> = {},
): Promise<Gateway> {
  const settings = {
    SDK_APP_ID: app,
    CALLBACK_TOKEN: callbackToken,
    ADMIN_TOKEN: adminToken,
    ALLOW_PRIVATE_DESTINATIONS: "true",
    SHARDS: "2",
    RETENTION_HOURS: "720",
    FORWARD_RULES: JSON.stringify(rules),
    ...more,
  };
  const process = run("../../test/upgrade/serve-build.ts", {
    cwd: dataDir,
    args: [build, dataDir, Object.keys(settings).join()],
    environment: settings,
  });
  const line = await process.seen(/^listening on /);
  const url = line.slice("listening on ".length);
  const api = async (path: string, body?: object) => {
    const response = await fetch(url + path, {
      method: body ? "POST" : "GET",
      headers: { authorization: `Bearer ${adminToken}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = await response.text();
    assert.ok(response.ok, `${path}: ${response.status} ${answer}`);
    return JSON.parse(answer);
  };
  const all = async (path: string, key: string) => {
    const found = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: { [key: string]: unknown[] } & { cursor: string | null } = await api(
        `${path}?limit=200${cursor && `&cursor=${cursor}`}`,
      );
      found.push(...page[key]!);
      cursor = page.cursor;
    }
    return found;
  };
  const events = async () => ((await all("/api/events", "events")) as Listed[]).reverse();
  return {
    url,
    kill: process.kill,
    api,
    events,
    destinations: () => api("/api/destinations"),
    async deadLetters() {
      const labels = new Map((await events()).map(({ id, platform }) => [id, platform]));
      const letters = (await all("/api/dead-letters", "deadLetters")) as {
        event: string;
        destination: string;
      }[];
      return letters.map(({ event, destination }) => `${labels.get(event)} ${destination}`).sort();
    },
  };
}

/** A gateway's report on itself, without times and ids. */
export interface Said {
  /** Oldest first in each conversation. */
  events: Pick<Listed, "command" | "state" | "conversation" | "platform">[];
  destinations: Destination[];
  deadLetters: string[];
  /** The subject and the numbers of each problem: the words may change. */
  problems: string[];
}

export async function saidBy(gateway: Gateway): Promise<Said> {
  const { problems }: { problems: string[] } = await gateway.api("/health");
  return {
    events: (await gateway.events()).map(({ command, state, conversation, platform }) => ({
      command,
      state,
      conversation,
      platform,
    })),
    destinations: (await gateway.destinations()).map(({ name, state, waiting, retrying, dead, expired }) => ({
      name,
      state,
      waiting,
      retrying,
      dead,
      expired,
    })),
    deadLetters: await gateway.deadLetters(),
    problems: problems.map(factsOf).sort(),
  };
}

function factsOf(problem: string): string {
  const [subject = "", ...rest] = problem.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "").split(": ");
  return [subject, ...(rest.join().match(/\d+/g) ?? [])].join(" ");
}
