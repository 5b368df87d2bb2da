/**
 * What an operator asks for is done though the shards die as soon as they have answered: an alarm wakes those that have
 * something left to do.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import "./quiet.ts";
import { booksOf } from "../shard/books.ts";
import { Chance } from "../support/chance.ts";
import { asleep, isWokenSoon, workOf } from "./asleep.ts";
import { SimulatedGateway } from "./gateway.ts";
import { type DestinationName, destinationNames, type Step } from "./steps.ts";
import { Timeline } from "./timeline.ts";

const noon = Date.parse("2026-11-22T12:00:00Z");

const usualShards = [1, 3];

/** Each action is taken with so many seeds, which decide how long calls and rows take. */
const seeds = 5;

interface Action {
  name: string;
  /** The only one that has a rule. */
  destination: DestinationName;
  before: readonly Step[];
  act: Step | ((gateway: SimulatedGateway) => Promise<unknown>);
  /** What the rows of all shards leave to be done after it. */
  leaves: readonly string[];
  /** Nothing was left before: without the action no alarm would wake a shard soon. */
  fromRest?: true;
  /** Absent: one shard, and as many as a run of the simulation has. */
  shards?: readonly number[];
}

const append: Step = { do: "append", conversations: "aaabbbccc" };
const rest: Step = { do: "pass", ms: 200_000 };
const soon: Step = { do: "pass", ms: 2_500 };

const plain = (as: "failing" | "refusing" | "hanging"): Step => ({ do: "behave", destination: "plain", as });
const pause: Step = { do: "steer", destination: "plain", action: "pause" };
const resume: Step = { do: "steer", destination: "plain", action: "resume" };
const replayAll: Step = { do: "replayAll", destination: "plain", choice: "all", perSecond: 1 };

const actions: readonly Action[] = [
  {
    name: "resume",
    destination: "plain",
    before: [append, rest, pause, append, plain("hanging"), rest],
    act: resume,
    leaves: ["events for plain"],
    fromRest: true,
  },
  { name: "pause", destination: "plain", before: [plain("hanging"), append, soon], act: pause, leaves: [] },
  {
    name: "replay of an event",
    destination: "plain",
    before: [append, rest],
    act: { do: "replay", event: 0, destination: "plain" },
    leaves: ["retries to plain"],
    fromRest: true,
  },
  {
    name: "replay of dead letters",
    destination: "plain",
    before: [plain("refusing"), append, rest],
    act: { do: "replayDead", destination: "plain" },
    leaves: ["retries to plain"],
    fromRest: true,
  },
  {
    name: "replay of a period",
    destination: "plain",
    before: [append, rest],
    act: replayAll,
    leaves: ["a replay to plain"],
    fromRest: true,
  },
  {
    name: "replay of a period that a shard is not told of",
    destination: "plain",
    before: [append, rest, { do: "reach", shard: 2, as: "unreachable" }],
    act: replayAll,
    leaves: ["a replay to plain", "shards that are to be told"],
    fromRest: true,
    shards: [3],
  },
  {
    name: "end of a replay",
    destination: "plain",
    before: [append, rest, plain("hanging"), replayAll, { do: "pass", ms: 1_100 }],
    act: { do: "cancelReplay", replay: 0 },
    leaves: [],
  },
  {
    name: "retry",
    destination: "plain",
    before: [plain("failing"), append, soon],
    act: { do: "retryNow", destination: "plain" },
    leaves: ["retries to plain"],
  },
  {
    name: "skip of an event that others wait behind",
    destination: "ordered",
    before: [
      { do: "behave", destination: "ordered", as: "refusing" },
      append,
      soon,
      { do: "behave", destination: "ordered", as: "hanging" },
    ],
    act: { do: "skip", event: 0, destination: "ordered" },
    leaves: ["retries to ordered", "events for ordered"],
  },
  {
    name: "skip of the last event that waits",
    destination: "plain",
    before: [plain("refusing"), { do: "append", conversations: "a" }, soon],
    act: { do: "skip", event: 0, destination: null },
    leaves: [],
  },
  {
    name: "erasure while a post carries an event",
    destination: "plain",
    before: [plain("hanging"), append, soon],
    act: { do: "erase", conversation: "a" },
    leaves: ["events for plain", "an erasure"],
  },
  {
    name: "erasure of events that wait for a resume",
    destination: "plain",
    before: [pause, { do: "append", conversations: "aaa" }, rest],
    act: { do: "erase", conversation: "a" },
    leaves: [],
    fromRest: true,
    shards: [1],
  },
  {
    name: "erasure that other shards are still to be told of",
    destination: "plain",
    before: [append, rest],
    act: { do: "erase", conversation: "a" },
    leaves: ["an erasure"],
    fromRest: true,
    shards: [3],
  },
  {
    name: "end of a name",
    destination: "plain",
    before: [plain("failing"), append, soon, { do: "deploy", destination: "plain", rule: "removed" }],
    act: { do: "forget", destination: "plain" },
    leaves: [],
  },
  {
    name: "test",
    destination: "plain",
    before: [append, rest],
    act: (gateway) => gateway.ask(0, (shard) => shard.test("plain")),
    leaves: [],
    fromRest: true,
  },
];

/** The shards have just answered the action, and died. */
async function after(action: Action, shards: number, end: "evict" | "crash", seed: number) {
  const chance = new Chance(seed);
  const timeline = new Timeline(noon, chance);
  const gateway = new SimulatedGateway(timeline, chance);
  for (let count = 1; count < shards; count++) gateway.take({ do: "grow" });
  for (const destination of destinationNames)
    if (destination !== action.destination) gateway.take({ do: "deploy", destination, rule: "removed" });
  for (const step of action.before) {
    gateway.take(step)?.catch(() => {});
    await timeline.pass(step.do === "pass" ? step.ms : 30);
  }
  const objects = gateway.shards.filter((object) => object);
  const rested = !objects.some((object) => isWokenSoon(object, timeline.now));
  const asked = typeof action.act === "function" ? action.act(gateway) : gateway.take(action.act)!;
  await timeline.until(asked, 60_000);
  for (const object of objects) object[end]();
  const left = new Set<string>();
  const sleepers: string[] = [];
  for (const object of objects) {
    const books = booksOf(object.database, object.name);
    for (const work of workOf(gateway, books)) left.add(work);
    // A difference that was met in a callback is still to be told of, whatever the action.
    left.delete("relay events");
    sleepers.push(...asleep(gateway, object, books));
  }
  return { rested, left: [...left].sort(), sleepers };
}

for (const action of actions)
  test(`an alarm goes on after the ${action.name}`, async () => {
    for (const shards of action.shards ?? usualShards)
      for (const end of ["evict", "crash"] as const)
        for (let seed = 1; seed <= seeds; seed++) {
          const { rested, left, sleepers } = await after(action, shards, end, seed);
          const where = `${shards} shards, ${end}, seed ${seed}`;
          assert.deepEqual(sleepers, [], where);
          assert.deepEqual(left, [...action.leaves].sort(), where);
          if (action.fromRest) assert.equal(rested, true, where);
        }
  });
