/** Schedules that failed once, shrunk. The name says the mishap. */
import type { Run } from "./simulation.ts";

export const found: readonly (readonly [name: string, run: Run])[] = [
  [
    "a batch in which an event that waited for its conversation stood after later ones",
    {
      seed: 2,
      steps: [
        { do: "append", conversations: "acad-db-" },
        { do: "behave", destination: "both", as: "gone" },
        { do: "pass", ms: 1_100 },
      ],
    },
  ],
  [
    "a delivery that no row recorded before a later event of its conversation failed",
    {
      seed: 12,
      steps: [
        { do: "append", conversations: "accbc", quarantined: true },
        { do: "replayDead", destination: null },
        { do: "forget", destination: "ordered" },
        { do: "replay", event: 47, destination: "ordered" },
        { do: "pass", ms: 5_000 },
        { do: "append", conversations: "da", quarantined: true },
        { do: "behave", destination: "plain", as: "well" },
        { do: "crashAt", shard: 1, at: "write", number: 4 },
        { do: "pass", ms: 31_000 },
        { do: "behave", destination: "ordered", as: "well" },
        { do: "append", conversations: "abda-a-a-a" },
        { do: "deploy", destination: "ordered", rule: "right" },
        { do: "pass", ms: 200_000 },
        { do: "append", conversations: "baa", quarantined: true },
        { do: "append", conversations: "bd" },
        { do: "append", conversations: "ab" },
        { do: "append", conversations: "-aaaabac" },
        { do: "crash", shard: 1 },
        { do: "fillDisk", shard: 0, how: "disk" },
      ],
    },
  ],
  [
    "a decision of shard 0 that a full disk did not take",
    {
      seed: 50_115,
      steps: [
        { do: "append", conversations: "babcb-bbcdb" },
        { do: "fillDisk", shard: 0, how: "disk" },
        { do: "append", conversations: "b" },
        { do: "append", conversations: "a" },
        { do: "grow" },
        { do: "append", conversations: "bab-baacabda" },
        { do: "grow" },
        { do: "append", conversations: "bdcb--bba" },
      ],
    },
  ],
  [
    "counters that a full database did not take, and that were reported all the same",
    {
      seed: 52,
      steps: [
        { do: "append", conversations: "bbab-aabbab", as: "together" },
        { do: "fillDisk", shard: 0, how: "limit" },
        { do: "append", conversations: "bacaaaa" },
        { do: "append", conversations: "-a", as: "twice" },
        { do: "read", shard: 0 },
      ],
    },
  ],
  [
    "a restart that forgot which deliveries had ended between those under way",
    {
      seed: 54,
      steps: [
        { do: "append", conversations: "aa-ba" },
        { do: "append", conversations: "aadbca", as: "together" },
        { do: "fireAgain", shard: 0 },
        { do: "deploy", destination: "ordered", rule: "right" },
        { do: "read", shard: 0 },
      ],
    },
  ],
  [
    "a crash with posts under way whose day had just been dropped",
    {
      seed: 1_224,
      steps: [
        { do: "retain", hours: 1 },
        { do: "behave", destination: "limited", as: "failing" },
        { do: "steer", destination: "both", action: "pause" },
        { do: "append", conversations: "ca-", as: "together" },
        { do: "moveClock", shard: 0, ms: 86_400_000 },
        { do: "deploy", destination: "batched", rule: "off" },
      ],
    },
  ],
  [
    "a full database from which no day could be dropped, though its retries were",
    {
      seed: 40_493,
      steps: [
        { do: "behave", destination: "ordered", as: "busy" },
        { do: "append", conversations: "abbbabab-ab", as: "twice" },
        { do: "read", shard: 0 },
        { do: "retain", hours: 1 },
        { do: "fillDiskAt", shard: 0, write: 7, how: "limit" },
        { do: "pass", ms: 39_600_000 },
        { do: "pass", ms: 39_600_000 },
      ],
    },
  ],
  [
    "a clock that was set back unseen before a row was written",
    {
      seed: 50_751,
      steps: [
        { do: "behave", destination: "ordered", as: "hanging" },
        { do: "grow" },
        { do: "append", conversations: "dc", as: "together" },
        { do: "pass", ms: 5_000 },
        { do: "crashAt", shard: 1, at: "write", number: 3 },
        { do: "moveClock", shard: 1, ms: -259_200_000 },
        { do: "read", shard: 1 },
      ],
    },
  ],
  [
    "retries of a rule that became wrong, which counted twice as expired",
    {
      seed: 50_320,
      steps: [
        { do: "retain", hours: 1 },
        { do: "behave", destination: "plain", as: "refusing" },
        { do: "append", conversations: "abaabdaaa" },
        { do: "append", conversations: "bca-bbdb-a" },
        { do: "crashAt", shard: 2, at: "turn", number: 2 },
        { do: "deploy", destination: "plain", rule: "wrong" },
        { do: "pass", ms: 216_000_000 },
      ],
    },
  ],
  [
    "an alarm that fired while the object was about to start again",
    {
      seed: 72_200,
      steps: [
        { do: "replayDead", destination: "limited" },
        { do: "deploy", destination: "batched", rule: "right" },
        { do: "steer", destination: "both", action: "resume" },
        { do: "read", shard: 2 },
        { do: "forget", destination: "batched" },
        { do: "replay", event: 19, destination: "both" },
        { do: "behave", destination: "limited", as: "busy" },
        { do: "steer", destination: "batched", action: "pause" },
        { do: "fillDiskAt", shard: 0, write: 1, how: "limit" },
        { do: "replayDead", destination: null },
        { do: "append", conversations: "ca" },
        { do: "behave", destination: "batched", as: "gone" },
        { do: "fireAgain", shard: 0 },
      ],
    },
  ],
  [
    "a decision of shard 0 that was written, when the list of the shards to be notified was not",
    {
      seed: 3150,
      steps: [
        { do: "grow" },
        { do: "append", conversations: "dcab" },
        { do: "evict", shard: 1 },
        { do: "fillDiskAt", shard: 0, write: 1, how: "limit" },
        { do: "steer", destination: "ordered", action: "pause" },
      ],
    },
  ],
  [
    "a conversation that was blocked before a crash, whose events under way had two readers after it",
    {
      seed: 40,
      steps: [
        { do: "stop", shard: 2 },
        { do: "append", conversations: "aa", as: "twice" },
        { do: "append", conversations: "ba" },
        { do: "append", conversations: "db", as: "twice" },
        { do: "append", conversations: "-ac-" },
        { do: "append", conversations: "aabd" },
        { do: "reach", shard: 1, as: "after 1 s" },
        { do: "append", conversations: "b-adabbbad", as: "together" },
        { do: "pass", ms: 50 },
        { do: "pass", ms: 50 },
        { do: "append", conversations: "cabadbbd" },
        { do: "append", conversations: "-daaaabdbccb", as: "twice" },
        { do: "crash", shard: 0 },
        { do: "grow" },
        { do: "read", shard: 0 },
        { do: "behave", destination: "limited", as: "gone" },
        { do: "crashAt", shard: 0, at: "turn", number: 7 },
      ],
    },
  ],
];
