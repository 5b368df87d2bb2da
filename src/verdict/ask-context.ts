import type { ListenerHost } from "../delivery/transports/transport.ts";
import type { AskBreakers } from "./ask-breaker.ts";
import type { BackendNews } from "./backend-news.ts";
import type { EventCounter } from "./event-counter.ts";

/** The context of a request that asks backends. */
export interface AskContext {
  /** The clock, Unix milliseconds. */
  now(): number;
  /** The time by which there must be a verdict, Unix milliseconds. */
  until: number;
  /** Keeps the request alive for work that its answer does not wait for, as `waitUntil` does. */
  aside(work: Promise<unknown>): void;
  breakers: AskBreakers;
  /** Counts events for limits. */
  counter: EventCounter;
  /** Names of rules that an operator has paused: they decide nothing. Absent: none. */
  paused?: ReadonlySet<string>;
  /** Tells of a backend that is down, answers again, or cannot be read. Absent: it is told nowhere. */
  news?: BackendNews;
  /** The release, for `user-agent`. */
  version: string;
  /** The gateway's name in `tim-relay-loop`; null if it is not known yet. */
  id: string | null;
  /** Secrets that are masked in every reason. */
  secrets: readonly string[];
  /** The environment, which holds the bindings. */
  env: object;
  /** Absent: no listener can be asked. */
  listeners?: ListenerHost;
  /** Absent: the runtime's `fetch`. */
  fetcher?: typeof fetch;
}
