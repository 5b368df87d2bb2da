/** The steps of a simulation as data, so that a schedule that fails can be shrunk and kept. */
import type { ReplayFilter } from "../../src/shard/replay/order.ts";
import type { Behaviour } from "./destination.ts";
import type { Full } from "./disk.ts";
import type { Departure, ListenedRule } from "./listener.ts";
import type { Death } from "./object.ts";
import type { PollLoss } from "./poller.ts";

export const destinationNames = ["plain", "ordered", "batched", "both", "limited"] as const;

/** Destinations of runs that go every way out of the gateway. */
export const otherWays = ["polled", "queued", "archived", "listened"] as const;
export const everyWay = [...destinationNames, ...otherWays] as const;
export type DestinationName = (typeof everyWay)[number];

/** Destinations that get relay events, once a step says so: one beside every callback, one alone. */
export const hearerNames = ["hearer", "pager"] as const;
export type AnyName = DestinationName | (typeof hearerNames)[number];
export const allNames: readonly AnyName[] = [...everyWay, ...hearerNames];

/** The rule of a destination after a deployment. */
export const ruleStates = ["right", "wrong", "off", "removed", "moved"] as const;
export type RuleState = (typeof ruleStates)[number];

/** How a shard answers its peers: after so many seconds, or its answer is lost once the work is done. */
export const peerManners = ["well", "unreachable", "after 1 s", "after 10 s", "lost"] as const;
export type PeerManner = (typeof peerManners)[number];

/** How a Worker hands events over: each in a call of its own, each in two at once, or all in one. */
export const handovers = ["each", "twice", "together"] as const;
export type Handover = (typeof handovers)[number];

export type Step =
  /** Events of conversations, each by its letter; those of one step are sent at once. */
  | { do: "append"; conversations: string; quarantined?: true; as?: Handover }
  | { do: "pass"; ms: number }
  /**
   * Polls one after another take so many events each. The first may lose something. `beside`: another program polls for
   * one event at the same time, and never gets its answer.
   */
  | { do: "poll"; limit: number; times: number; loses?: PollLoss; beside?: true }
  /** A listener connects, for events unless `as` says otherwise; `pings`: it shows that it lives. `stays`: it comes back. */
  | { do: "listen"; as?: ListenedRule; pings?: true; stays?: true }
  | { do: "unlisten"; as?: ListenedRule; how: Departure }
  /** The listener sends so many wrong frames. */
  | { do: "babble"; as?: ListenedRule; frames: number }
  /** Workers ask the listener for so many verdicts at once; `comes`: one has come just before. */
  | { do: "ask"; times: number; comes?: true }
  | { do: "behave"; destination: AnyName; as: Behaviour }
  | { do: "crash"; shard: number }
  /** The shard dies later; `inNextLife`: counted from its next start on. */
  | ({ do: "crashAt"; shard: number; inNextLife?: true } & Death)
  | { do: "evict"; shard: number }
  | { do: "stop"; shard: number }
  /** `how: null`: there is room again. `write`: it is full from that write on. */
  | { do: "fillDisk"; shard: number; how: Full | null }
  | { do: "fillDiskAt"; shard: number; write: number; how: Full }
  /** Bytes of the database, of which the shard drops days above 8 GB. */
  | { do: "growDatabase"; shard: number; bytes: number }
  | { do: "moveClock"; shard: number; ms: number }
  | { do: "fireAgain"; shard: number }
  | { do: "reach"; shard: number; as: PeerManner }
  | { do: "steer"; destination: AnyName; action: "pause" | "resume" }
  | { do: "replay"; event: number; destination: DestinationName | null }
  | { do: "replayDead"; destination: DestinationName | null }
  | { do: "retryNow"; destination: DestinationName }
  | { do: "skip"; event: number; destination: DestinationName | null }
  /** A replay of all events so far; `cancelReplay`: of the replays so far, in turn. */
  | { do: "replayAll"; destination: DestinationName; choice: ReplayFilter["choice"]; perSecond: number }
  | { do: "cancelReplay"; replay: number }
  | { do: "deploy"; destination: DestinationName; rule: RuleState }
  /** From the next deployment on, the rule has batches of so many events; null: it has none. */
  | { do: "batch"; destination: DestinationName; size: number | null }
  /** `SHARDS` of the next deployment; fewer than there are. */
  | { do: "shrink" }
  | { do: "grow" }
  | { do: "retain"; hours: number }
  | { do: "forget"; destination: DestinationName }
  /** From the next deployment on there are destinations that get relay events. */
  | { do: "hear" }
  /** A Worker tells shard 0 of an action, or of callbacks that it has refused. */
  | { do: "act" }
  | { do: "refuse"; count: number }
  | { do: "count"; shard: number; times: number }
  | { do: "read"; shard: number }
  /** A viewer of the tail connects; `since`: it is first shown everything that is kept. */
  | { do: "watch"; since?: true; acknowledges: boolean }
  | { do: "unwatch" }
  /** Erases the account of a conversation, by its letter. */
  | { do: "erase"; conversation: string };
