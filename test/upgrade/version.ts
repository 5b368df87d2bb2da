/** A gateway of either version on a data folder, and its report on itself. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { brotliDecompressSync } from "node:zlib";
import type { Bundle } from "../../src/cli/bundle.ts";
import type { Destination, ListedEvent } from "../support/api.ts";
import { type Gateway, type Settings, startGateway } from "../support/gateway.ts";

/** An event as it is listed; its platform is the label of its callback. */
export type LabelledEvent = ListedEvent & { platform: string; conversation: string };

const scratch = mkdtempSync(join(tmpdir(), "tim-relay-upgrade-"));
after(() => rmSync(scratch, { recursive: true, maxRetries: 5 }));

/** An empty folder, removed when the tests of the file have ended. */
export function newFolder(): string {
  return mkdtempSync(join(scratch, "folder-"));
}

/** The build of the version before, unpacked from beside this file. */
export function before(): Bundle {
  const packed = join(import.meta.dirname, "before");
  const dir = newFolder();
  writeFileSync(join(dir, "index.js"), brotliDecompressSync(readFileSync(join(packed, "index.js.br"))));
  return { dir, ...JSON.parse(readFileSync(join(packed, "bundle.json"), "utf8")) };
}

/** Starts a build on a data folder; resolves when it answers requests. */
export function start(
  build: Bundle,
  dataDir: string,
  rules: readonly object[],
  more: Settings = {},
): Promise<Gateway> {
  const settings = { SHARDS: 2, RETENTION_HOURS: 720, FORWARD_RULES: rules, ...more };
  return startGateway(settings, { build, dataDir });
}

/** All events, in the order of keeping. */
export async function eventsOf(gateway: Gateway): Promise<LabelledEvent[]> {
  const events = await gateway.allEvents();
  // The version before lists relay events among the others.
  return events.filter((event): event is LabelledEvent => event.app !== "relay").reverse();
}

/** The dead letters as `label destination`, sorted. */
export async function deadLettersOf(gateway: Gateway): Promise<string[]> {
  const labels = new Map((await eventsOf(gateway)).map(({ id, platform }) => [id, platform]));
  const letters = await gateway.deadLetters({ limit: 200 });
  return letters.map(({ event, destination }) => `${labels.get(event)} ${destination}`).sort();
}

/** A gateway's report on itself, without times and ids. */
export interface Said {
  /** Oldest first in each conversation. */
  events: Pick<LabelledEvent, "command" | "state" | "conversation" | "platform">[];
  destinations: Pick<Destination, "name" | "state" | "waiting" | "retrying" | "dead" | "expired">[];
  deadLetters: string[];
  /** The subject and the numbers of each problem: the words may change. */
  problems: string[];
}

export async function saidBy(gateway: Gateway): Promise<Said> {
  const problems = await gateway.problems();
  return {
    events: (await eventsOf(gateway)).map(({ command, state, conversation, platform }) => ({
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
    deadLetters: await deadLettersOf(gateway),
    problems: problems.map(factsOf).sort(),
  };
}

function factsOf(problem: string): string {
  const [subject = "", ...rest] = problem.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "").split(": ");
  return [subject, ...(rest.join().match(/\d+/g) ?? [])].join(" ");
}
