/**
 * Destinations in every kind of trouble, and events for each of them. A gateway that has met them all holds a row of
 * every kind in its data folder.
 */
import assert from "node:assert/strict";
import type { Destination } from "../support/api.ts";
import type { Callback } from "../support/callbacks.ts";
import { databasesOf, segmentTables } from "../support/data-folder.ts";
import type { Gateway } from "../support/gateway.ts";
import {
  type Answer,
  hang,
  type Received,
  type Receiver,
  reply,
  startReceiver,
} from "../support/receiver.ts";
import { until } from "../support/until.ts";

interface Trouble {
  /** Of its rule, beside the name and the address. */
  rule: object;
  /** How its receiver answers. */
  answer: () => Answer;
  /** Events that a round sends to it. */
  events: number;
  /** Its conversations are new in every round: none of them waits for an event of the round before. */
  newGroups?: true;
  /** Where the destination stands when the events of the first round have come to rest. */
  stands: Partial<Destination>;
}

/** Groups of the events of a round. With two shards, each shard keeps the events of two groups. */
const groups = 4;

/** The gateway varies a wait by a fifth: none of these is longer than five days. */
const later = ["100h", "100h", "100h"];

const troubles: Readonly<Record<string, Trouble>> = {
  backlog: {
    rule: { concurrency: 2, timeoutMs: 60_000 },
    answer: () => hang,
    events: 12,
    stands: { waiting: 12 },
  },
  slow: {
    rule: { concurrency: 16, timeoutMs: 60_000 },
    answer: () => hangAt(2),
    events: 16,
    stands: { waiting: 2 },
  },
  stuck: {
    rule: { concurrency: 16, timeoutMs: 60_000 },
    answer: () => hangAt(6),
    events: 8,
    stands: { waiting: 6 },
  },
  retrying: { rule: { retry: later }, answer: () => reply(503), events: 8, stands: { retrying: 8 } },
  down: {
    rule: { retry: later, concurrency: 2, timeoutMs: 60_000 },
    answer: () => first(20, reply(503), hang),
    events: 24,
    stands: { state: "open", waiting: 4, retrying: 20 },
  },
  batched: {
    rule: { retry: later, batch: { size: 4, ms: 3_000 } },
    answer: () => reply(503),
    events: 8,
    stands: { retrying: 8 },
  },
  singly: {
    rule: { retry: ["200ms", ...later], batch: { size: 4, ms: 3_000 }, order: "conversation" },
    answer: () => reply(503),
    events: 8,
    newGroups: true,
    stands: { retrying: 8 },
  },
  ordered: {
    rule: { retry: later, order: "conversation" },
    answer: () => reply(503),
    events: 16,
    stands: { waiting: 12, retrying: 4 },
  },
  "catching-up": {
    rule: { retry: ["1s", ...later], order: "conversation", timeoutMs: 60_000 },
    answer: () => firstsThenNothing(),
    events: 12,
    stands: { waiting: 8, retrying: 0 },
  },
  dead: { rule: { retry: [] }, answer: () => reply(422), events: 4, stands: { dead: 4 } },
  gone: { rule: { retry: later }, answer: () => reply(410), events: 4, stands: { state: "disabled" } },
  paused: { rule: {}, answer: () => reply(200), events: 8, stands: { state: "paused", waiting: 8 } },
  wrong: {
    rule: { secret: "$SECRET_OF_WRONG" },
    answer: () => reply(200),
    events: 4,
    // Every event waits: a wrong rule does not say which it wants.
    stands: { state: "paused" },
  },
  removed: { rule: { retry: later }, answer: () => reply(503), events: 4, stands: { retrying: 4 } },
};

/** The destination that wants every event. */
export const everything = "everything";

export const names: readonly string[] = [everything, ...Object.keys(troubles)];

/** A further setting, with which the rule `wrong` is right. */
export const mended = { SECRET_OF_WRONG: `whsec_${Buffer.alloc(24, "s").toString("base64")}` };

/** Destinations that get the events of a conversation in their order. */
export const inOrder: readonly string[] = [everything, "singly", "ordered", "catching-up"];

export type Receivers = ReadonlyMap<string, Receiver>;

export async function startReceivers(): Promise<Receivers> {
  const receivers = new Map<string, Receiver>();
  for (const name of names) receivers.set(name, await startReceiver());
  return receivers;
}

/**
 * Begins the trouble of every receiver but that of `everything`.
 * @param well how many requests a receiver answers with 200 before its trouble begins
 */
export function trouble(receivers: Receivers, well = 0): void {
  for (const [name, { answer }] of Object.entries(troubles))
    receivers.get(name)!.answer = first(well, reply(200), answer());
}

export function rulesFor(receivers: Receivers, without: readonly string[] = []): object[] {
  const url = (name: string) => receivers.get(name)!.url;
  return [
    { name: "verdict", on: "*.CallbackBefore*", answer: { ErrorCode: 1, ErrorInfo: "not here" } },
    { name: everything, url: url(everything), order: "conversation", retry: ["200ms", ...later] },
    ...Object.entries(troubles)
      .filter(([name]) => !without.includes(name))
      .map(([name, { rule }]) => ({
        name,
        url: url(name),
        match: { platform: [{ prefix: `${name}-` }] },
        ...rule,
      })),
  ];
}

/** Whether a destination wants the event of a label. */
export function wants(name: string, label: string): boolean {
  return name === everything ? !label.startsWith("quarantined-") : label.startsWith(`${name}-`);
}

/** A number beyond 2^53, in the bodies of a backlog: a body must arrive byte for byte. */
export const bigNumber = "9007199254740993";

/**
 * Sends the events of a round: groups at the same time, the events of a group one after the other. Fails unless each
 * event is acknowledged.
 * @param round a name, part of the labels of the events
 * @returns the labels
 */
export async function sendRound(
  gateway: Gateway,
  round: string,
  only = Object.keys(troubles),
): Promise<string[]> {
  const labels: string[] = [];
  const send = async (callback: Callback, status = 200) => {
    assert.equal(await gateway.sendLabelled(callback), status, callback.label);
    labels.push(callback.label);
  };
  const ofGroup = async (group: number) => {
    for (const name of only) {
      const { events, newGroups } = troubles[name]!;
      for (let n = group; n <= events; n += groups)
        await send(callbackOf(name, `${name}-${round}-${n}`, `@TGS#${newGroups ? round : ""}${group}`));
    }
    await send({ ...message("Before", `before-${round}-${group}`, `@TGS#${group}`) });
    await send({ label: `quarantined-${round}-${group}`, body: `{"GroupId":"@TGS#${group}"}` }, 400);
  };
  await Promise.all(Array.from({ length: groups }, (_, index) => ofGroup(index + 1)));
  return labels;
}

/** Resolves when the first round has come to rest: nothing more happens before the next wait is over. */
export async function atRest(gateway: Gateway): Promise<void> {
  const differences = async () => {
    const all = await gateway.destinations();
    return Object.entries(troubles).flatMap(([name, { stands }]) => {
      const found = all.find((one) => one.name === name);
      const keys = Object.keys(stands) as (keyof Destination)[];
      return keys.flatMap((key) =>
        found?.[key] === stands[key] ? [] : [`${name}: ${key} is ${found?.[key]}, not ${stands[key]}`],
      );
    });
  };
  await until("the round comes to rest", async () => (await differences()).length === 0).catch(() => {});
  assert.deepEqual(await differences(), []);
}

function callbackOf(name: string, label: string, group: string): Callback {
  return name === "backlog" ? message("After", label, group) : { label, group };
}

/** A group message. */
function message(phase: "Before" | "After", label: string, group: string): Callback {
  const command = `Group.Callback${phase}SendMsg`;
  const body = `{"CallbackCommand":"${command}","GroupId":"${group}","Type":"Public","From_Account":"minh","Random":7,"MsgSeq":${bigNumber},"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"${label}, it’s"}}]}`;
  return { label, group, command, body };
}

/** Answers the first requests in one way, and the others in another. */
function first(count: number, answer: Answer, then: Answer): Answer {
  let left = count;
  return (response, request) => (left-- > 0 ? answer : then)(response, request);
}

/** Never answers the requests of the first events of a round. */
function hangAt(count: number): Answer {
  return (response, request) => (numberOf(request) <= count ? hang : reply(200))(response, request);
}

/** The number in the label of a request's only event. */
function numberOf({ labels }: Received): number {
  return Number(labels[0]!.split("-").at(-1));
}

/** The first event of a conversation fails once; the events behind it get no answer at all. */
function firstsThenNothing(): Answer {
  const failed = new Set<string>();
  return (response, request) => {
    const [label] = request.labels;
    if (numberOf(request) > groups) return hang(response, request);
    const status = failed.has(label!) ? 200 : 503;
    failed.add(label!);
    return reply(status)(response, request);
  };
}

/** Abbreviations in a query: each destination that a row tells of, and the last row of a day. */
const shorthands: Readonly<Record<string, string>> = {
  EACH: "json_each(news, '$.destinations') AS one",
  LAST: "position = (SELECT max(position) FROM segment_DAY)",
};

/** The kinds of rows, each with the query that finds one; `DAY` stands for the day of a table. */
const kinds: Readonly<Record<string, string>> = {
  "an event alone in the retry list":
    "FROM retry WHERE positions IS NULL AND behind IS NULL AND failures > 0",
  "a failed batch": "FROM retry WHERE positions IS NOT NULL",
  "a retry that waits behind another": "FROM retry WHERE behind IS NOT NULL",
  "a blocked conversation": "FROM blocked WHERE heads <> '[]'",
  "a conversation that is catching up": "FROM blocked WHERE heads = '[]'",
  "a dead letter": "FROM settled_DAY WHERE state = 'dead'",
  "a delivery that came late": "FROM settled_DAY WHERE state = 'delivered'",
  "a quarantined event": "FROM misfit_DAY",
  "a verdict": `FROM segment_DAY WHERE heads LIKE '%["verdict",%'`,
  "a paused destination": `FROM standing WHERE value LIKE '%"paused":["paused"]%'`,
  "a disabled destination": `FROM standing WHERE value LIKE '%"disabled":["gone"]%'`,
  "an open breaker": "FROM segment_DAY, EACH WHERE one.value ->> '$.breaker.failures' >= 10",
  "a rule that is gone": "FROM segment_DAY, EACH WHERE one.value ->> '$.gone' > 0",
  "an event under way":
    "FROM segment_DAY, EACH WHERE LAST AND json_array_length(one.value, '$.underway') > 0",
  "an event delivered ahead of the cursor":
    "FROM segment_DAY, EACH WHERE LAST AND json_array_length(one.value, '$.done') > 0",
};

/** The kinds of rows that neither shard of a stopped gateway's folder has. */
export function missing(dataDir: string): string[] {
  const found = new Set<string>();
  for (const [name, database] of databasesOf(dataDir)) {
    if (name === "metadata") continue;
    const days = segmentTables(database).map((name) => name.slice("segment_".length));
    const tables = new Set(
      (database.prepare("SELECT name FROM sqlite_master").all() as { name: string }[]).map(
        ({ name }) => name,
      ),
    );
    for (const day of days)
      for (const [kind, query] of Object.entries(kinds)) {
        const text = query.replace(/EACH|LAST/g, (word) => shorthands[word]!).replaceAll("DAY", day);
        const [, table = ""] = /^FROM (\w+)/.exec(text) ?? [];
        if (tables.has(table) && database.prepare(`SELECT 1 ${text} LIMIT 1`).get()) found.add(kind);
      }
  }
  return Object.keys(kinds).filter((kind) => !found.has(kind));
}
