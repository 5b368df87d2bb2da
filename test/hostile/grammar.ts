/** Valid requests, made from the definitions: routes with their fields, and commands with their examples. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { catalogue } from "../../src/callback/catalogue.ts";
import { signed } from "../support/callbacks.ts";
import type { Chance } from "../support/chance.ts";
import { type ApiDocument, operationsOf } from "../support/described.ts";
import { type Draft, encoded } from "./draft.ts";
import { treeOf } from "./json-tree.ts";
import { naughtyTexts } from "./naughty.ts";

/** Things that the gateway has, by which requests name them. */
export interface Known {
  apps: readonly string[];
  /** The first one signs. */
  callbackTokens: readonly string[];
  adminToken: string;
  /** Where callbacks are received. */
  callbackPath: string;
  /** Names of destinations. */
  names: readonly string[];
  /** Names of settings, secrets among them. */
  settings: readonly string[];
  ids: readonly string[];
  /** Absent: accounts of the examples. */
  accounts?: readonly string[];
  cursors: readonly string[];
}

export interface Described {
  /** Its `operationId`. */
  operation: string;
  draft: Draft;
}

interface Schema {
  type?: string;
  enum?: readonly unknown[];
  examples?: readonly unknown[];
  minimum?: number;
  maximum?: number;
  items?: Schema;
  anyOf?: readonly Schema[];
  properties?: Record<string, Schema>;
}

const commands = [...catalogue.values()];

/** The document is written from the definitions of the routes. */
export const apiDocument = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../docs/openapi.json"), "utf8"),
) as ApiDocument;

/** The callback is left out: `drawCallback` makes it. */
const operations = [...operationsOf(apiDocument).values()].filter(
  ({ operationId }) => operationId !== "receiveCallback",
) as (DrawnFrom & { operationId: string; method: string; path: string })[];

/** The parts of an operation that decide its requests. */
interface DrawnFrom {
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { content: { "application/json": { schema: Schema } } };
}

/** Headers that a request may have: the ones that the code reads, rightly. */
const json: [string, string] = ["content-type", "application/json"];

/** These take an event away from its destinations: they are drawn for events and accounts that there are not. */
const taking: readonly string[] = ["skipEvent", "eraseAccount"];

/** A request of the API, as the document describes it. */
export function drawCall(chance: Chance, all: Known): Described {
  const operation = chance.pick(operations);
  const known = taking.includes(operation.operationId) ? { ...all, ids: [], accounts: ["nobody"] } : all;
  const value = (name: string, schema: Schema) => encoded(String(drawValue(name, schema, chance, known)));
  const { parameters = [], requestBody } = operation;
  const query = parameters.filter((one) => one.in === "query" && (one.required || chance.happens(0.4)));
  const { properties = {} } = requestBody?.content["application/json"].schema ?? {};
  const body = Object.entries(properties)
    .filter(([name]) => chance.happens(name === "rule" ? 0.95 : 0.5))
    .map(([name, schema]): [string, unknown] => [name, drawValue(name, schema, chance, known)]);
  return {
    operation: operation.operationId,
    draft: {
      method: operation.method,
      path: operation.path.replace(/\{(\w+)\}/g, (_, name) => value(name, {})),
      query: query.map(({ name, schema }) => [name, value(name, schema)]),
      headers: [["authorization", `Bearer ${known.adminToken}`], ...(requestBody ? [json] : [])],
      body: requestBody ? treeOf(Object.fromEntries(body)) : null,
      framing: "length",
    },
  };
}

/** A value that its field accepts. A name says which of the gateway's things it may be. */
function drawValue(name: string, schema: Schema, chance: Chance, known: Known): unknown {
  const command = () => chance.pick(commands).name;
  const things: Record<string, () => unknown> = {
    id: () => chance.pick([...known.ids, "evt_01kanjzzzz00zzzzzzzzzzzz", "evt_01kanjzzzzzzzzzzzzzzzzzz"]),
    name: () => chance.pick([...known.names, "nobody"]),
    destination: () => chance.pick(known.names),
    destinations: () => [chance.pick(known.names)],
    ids: () => [chance.pick(known.ids)],
    cursor: () => chance.pick(chance.happens(0.5) ? known.cursors : forgedCursors),
    command: () => chance.pick([command(), "Group.*", "*.CallbackBefore*", "***"]),
    conversation: () => chance.pick(["group:@TGS#1", "@TGS#1", "c2c:a,b"]),
    account: () => chance.pick(known.accounts ?? ["lan", "minh", "144115200000000001"]),
    message: () => chance.pick(["130", "71_1_1718000015"]),
    text: () => chance.pick(["ferry", "%", "_"]),
    rule: () => chance.pick([chance.pick(known.names), drawRule(chance, known)]),
    rules: () => Array.from({ length: chance.between(0, 3) }, () => drawRule(chance, known)),
    event: () => ({ command: command(), body: chance.pick(commands).example }),
  };
  const thing = things[name];
  if (thing) return thing();
  const one = schema.anyOf ? chance.pick(schema.anyOf) : schema;
  if (one.enum) return chance.pick(one.enum);
  if (one.examples) return chance.pick([...one.examples, "1h", "2026-11-26T08:00:00.000+08:00"]);
  if (one.type === "integer" || one.type === "number")
    return chance.pick([
      one.minimum ?? 0,
      one.maximum ?? 1,
      chance.between(one.minimum ?? 0, one.maximum ?? 1),
    ]);
  return "text";
}

const cursorOf = (value: unknown) =>
  Buffer.from(JSON.stringify(value)).toString("base64").replaceAll("=", "");

/** Cursors of the right form that no list has given. */
const forgedCursors = [
  ...[0, -1, 1, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 1e15, 1837219840000000, -0].flatMap(
    (position) => [0, 1, -1, 1e6, Number.MAX_SAFE_INTEGER].map((shard) => cursorOf([position, shard, ""])),
  ),
  ...[...naughtyTexts.surrogates, ...naughtyTexts.databases, "\u0000", "hook", "x".repeat(5_000)].map(
    (name) => cursorOf([1837219840000000, 0, JSON.parse(JSON.stringify(name))]),
  ),
  cursorOf([1e308, 0, ""]),
  cursorOf([1.5, 0, ""]),
  cursorOf(["1", "0", ""]),
  cursorOf({ 0: 1 }),
  cursorOf(null),
  "AAAA",
  "*",
];

/** A rule of any kind, with all keys in turn; it may name the gateway's secrets. */
export function drawRule(chance: Chance, { names, settings }: Pick<Known, "names" | "settings">): object {
  const secret = () => `$${chance.pick(settings)}`;
  const url = () =>
    chance.pick([
      // Nothing listens there.
      "http://127.0.0.1:9/",
      secret(),
      `https://${secret()}.example.com/`,
      `https://hooks.example.com/${secret()}`,
    ]);
  const answer = { ErrorCode: chance.pick([0, 1, 120_001]), ErrorInfo: "no" };
  const kind = chance.pick([
    { url: url() },
    { ask: chance.pick([url(), [url(), url()]]) },
    { answer },
    { answer, replace: ["word"] },
  ]);
  const keys: Record<string, () => unknown> = {
    on: () => chance.pick(["Group.*", ["*.CallbackBefore*", "Sns.*"], chance.pick(commands).name]),
    match: () => chance.pick(patterns),
    words: () => chance.pick([["ferry", "笨蛋"], "kv:WORDS/banned"]),
    enabled: () => chance.happens(0.8),
    secret: () => chance.pick([secret(), [secret(), secret()]]),
    headers: () => ({ "x-key": chance.pick(["a", secret(), `Bearer ${secret()}`]) }),
    timeoutMs: () => chance.pick([1, 10_000, 60_000]),
    retry: () => chance.pick([[], ["5s", "1h"], ["200ms"]]),
    order: () => chance.pick(["none", "conversation"]),
    concurrency: () => chance.between(1, 50),
    ratePerSecond: () => chance.between(1, 1_000),
    format: () => chance.pick(["event", "raw", "cloudevents"]),
    callbackToken: secret,
    batch: () => ({ size: 100, ms: 1000 }),
    deadlineMs: () => chance.between(50, 1_500),
    otherwise: () => chance.pick(["allow", "refuse", answer]),
    shadow: () => chance.happens(0.5),
  };
  const more = Object.entries(keys)
    .filter(() => chance.happens(0.2))
    .map(([key, make]) => [key, make()]);
  return { name: chance.pick([...names, "trial", "other"]), ...kind, ...Object.fromEntries(more) };
}

/** Patterns of every operator. */
export const patterns: readonly object[] = [
  { phase: ["before"] },
  { body: { GroupId: [{ prefix: "@TGS#" }, { suffix: "1" }, { "equals-ignore-case": "a" }] } },
  { body: { GroupId: [{ wildcard: "*a*b*c*" }, { "anything-but": ["a", "b"] }, { exists: false }, null] } },
  { body: { MsgSeq: [{ numeric: [">=", 1, "<", 1e15] }, 5, 144115200000000001n.toString()] } },
  { clientIp: [{ cidr: "203.0.113.0/24" }, { cidr: "::/0" }] },
  { $or: [{ app: ["1400000000"] }, { platform: [{ prefix: { "equals-ignore-case": "ip" } }] }] },
  {
    body: {
      MsgBody: { MsgContent: { Text: [{ wildcard: "*http*" }, { "anything-but": { wildcard: "*a*" } }] } },
    },
  },
];

/** A signed callback. Its parameter `draft` tells it apart from all others. */
export function drawCallback(seed: number, chance: Chance, known: Known): Described {
  const command = chance.pick(commands);
  const token = chance.pick(known.callbackTokens);
  const unknown = chance.happens(0.05);
  const query: Draft["query"] = [
    ["SdkAppid", chance.pick(known.apps)],
    ["CallbackCommand", unknown ? `Test.CallbackAfter${chance.between(1, 9)}` : command.name],
    ["contenttype", "json"],
    ["ClientIP", chance.pick(["203.0.113.7", "2001:db8::7"])],
    ["OptPlatform", chance.pick(["Android", "iPad"])],
    ["RequestID", `request-${seed}`],
    ["draft", String(seed)],
    ...Object.entries(signed(token)),
  ];
  const body = unknown ? { GroupId: "g", Info: chance.between(1, 9) } : renewed(command.example, seed);
  return {
    operation: "receiveCallback",
    draft: {
      method: "POST",
      path: known.callbackPath,
      query,
      headers: [json],
      body: treeOf(body),
      framing: "length",
    },
  };
}

/** The example with ids and times of its own, so that no two are duplicates. */
function renewed(example: object, seed: number): unknown {
  const time = 1_794_160_000_000 + seed;
  const values: Readonly<Record<string, unknown>> = {
    EventTime: time,
    MsgSeq: seed,
    Random: seed,
    MsgKey: `${seed}_1_1794160000`,
    TaskId: `task-${seed}`,
  };
  return JSON.parse(JSON.stringify(example), (key, value) =>
    typeof value === "object" || !Object.hasOwn(values, key)
      ? value
      : typeof value === "string"
        ? String(values[key])
        : values[key],
  );
}
