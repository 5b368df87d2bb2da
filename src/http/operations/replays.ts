/** Replays by range. */
import * as v from "valibot";
import { component, count, described, timestamp } from "./answers.ts";
import type { Documented } from "./documented.ts";

/** Of a replay or an erasure. */
const partly = v.exactOptional(
  described(
    v.boolean(),
    "True where a shard does not answer: what it has done is missing in the counts, and it may still run.",
  ),
);

const erasure = component("Erasure", "The erasure of an account from the kept events.", {
  id: v.string(),
  kind: v.literal("erase"),
  target: described(v.string(), "The first 8 hexadecimal digits of the account's SHA-256."),
  destination: v.null(),
  since: v.null(),
  until: described(timestamp, "Events that came later stay as they are."),
  state: described(v.picklist(["running", "done"]), "`done`: on every shard."),
  matched: described(count, "Events that named the account at the beginning."),
  erased: described(count, "Events that are erased so far."),
  sent: count,
  failed: count,
  startedAt: timestamp,
  endedAt: v.nullable(timestamp),
  estimated: partly,
  outOfReach: described(v.array(v.string()), "Copies that an erasure leaves, a sentence each."),
});

const matched = described(count, "How many events fit, counted exactly.");

const replay = component("Replay", "Events of a period that are sent again.", {
  id: described(v.string(), "Its posts carry it in the header `tim-relay-replay`."),
  kind: v.literal("replay"),
  destination: v.string(),
  since: timestamp,
  until: timestamp,
  state: described(v.picklist(["running", "done", "cancelled"]), "`done`: each event has an outcome."),
  matched: described(
    count,
    "Events that fitted at the beginning. Events neither sent nor failed at the end had expired meanwhile, or fitted no more.",
  ),
  sent: described(count, "Events whose post succeeded."),
  failed: described(count, "Events whose post failed: they are in the retry list, or dead letters."),
  startedAt: timestamp,
  endedAt: v.nullable(timestamp),
  estimated: partly,
});

export type Replay = v.InferOutput<typeof replay>;

export type Erasure = v.InferOutput<typeof erasure>;

export const replayOperations = {
  startReplay: {
    tag: "Replays",
    summary:
      "Sends the events of a period to a destination again, at most `perSecond` a second, while new events go first. At most 20 run at a time. With `dryRun` it only counts them, and answers 200.",
    answer: component("StartedReplay", "A replay that has begun.", { id: v.string(), matched }),
    also: { status: 200, answer: component("CountedReplay", "With `dryRun`.", { matched }) },
  },
  listReplays: {
    tag: "Replays",
    summary:
      "Lists replays of periods, and erasures, the newest first: all that run, and the last hundred of each that have ended.",
    answer: component("ReplayList", "Replays of periods, and erasures.", {
      replays: v.array(v.union([replay, erasure])),
      problems: v.exactOptional(
        described(v.array(v.string()), "Shards that do not answer, a sentence each. Absent where all do."),
      ),
    }),
  },
  getReplay: {
    tag: "Replays",
    summary: "Shows how far a replay or an erasure has come.",
    answer: v.union([replay, erasure]),
    notFound: "There is no such replay.",
  },
  cancelReplay: {
    tag: "Replays",
    summary: "Cancels a replay, and answers it. One that has ended stays as it is.",
    answer: replay,
    notFound: "There is no such replay.",
  },
} satisfies Record<string, Documented>;
