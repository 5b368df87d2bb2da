/** The report of every destination on this shard, for the API and `/health`. */
import type { Clock } from "../clock.ts";
import type { ClusterState } from "../cluster/cluster-state.ts";
import { newTurn } from "../turn.ts";
import type { Destinations } from "./destinations.ts";
import type { RetryList } from "./retry-list.ts";
import type { SettledDeliveries } from "./settled.ts";

export interface DestinationReport {
  name: string;
  state: "up" | "open" | "paused" | "disabled";
  waiting: number;
  /** Whether `waiting` is an estimate. */
  estimated: boolean;
  retrying: number;
  dead: number;
  expired: number;
  delivered: number;
  failed: number;
  /** When the oldest event was received that waits in the journal, Unix milliseconds. */
  waitingSince: number | null;
  lastSuccessAt: number | null;
  lastError: string | null;
  /** Until when a `Retry-After` holds everything back, Unix milliseconds; null: nothing is held. */
  heldUntil: number | null;
  /** Whether so many conversations are blocked that no further events are read. */
  full: boolean;
  /** Events of the retry list, where some will not be tried within seconds. */
  delayed: number;
  /** Of a name that no rule has any more: when its last event is dropped. Unix milliseconds. */
  forgottenAt: number | null;
}

/** Events that one report looks at, for all destinations together. */
const reportTurn = 4_000;

/** Later than this, an entry of the retry list is not tried within seconds. Milliseconds. */
const soonMs = 10_000;

export interface ReportSources {
  readonly destinations: Destinations;
  readonly retries: RetryList;
  readonly settled: SettledDeliveries;
  readonly cluster: { readonly state: ClusterState };
}

export function destinationReports(
  { destinations, retries, settled, cluster }: ReportSources,
  retentionMs: number,
  clock: Clock,
): DestinationReport[] {
  const { paused, disabled } = cluster.state;
  const { all } = destinations;
  const names = new Set([...all.keys(), ...retries.counts.keys(), ...settled.deadCounts.keys()]);
  const turn = newTurn(reportTurn);
  return [...names].map((name) => {
    const destination = all.get(name);
    const state = destination?.state;
    const { waiting, since, estimated } = destination?.backlog(turn) ?? nothing;
    const retrying = retries.counts.get(name) ?? 0;
    const latest = retrying > 0 ? (retries.latest(name) ?? 0) : 0;
    const running = destination?.open ? "open" : "up";
    return {
      name,
      state: disabled.includes(name) ? "disabled" : paused.includes(name) ? "paused" : running,
      waiting,
      estimated,
      retrying,
      dead: settled.deadCounts.get(name) ?? 0,
      expired: state?.expired ?? 0,
      delivered: state?.delivered ?? 0,
      failed: state?.failed ?? 0,
      waitingSince: since,
      lastSuccessAt: state?.lastSuccessAt ?? null,
      lastError: state?.lastError ?? null,
      heldUntil: destination?.heldUntil ?? null,
      full: destination?.full ?? false,
      delayed: latest > clock.now() + soonMs ? retrying : 0,
      forgottenAt: state?.gone === undefined ? null : state.gone + retentionMs,
    };
  });
}

const nothing = { waiting: 0, since: null, estimated: false };
