/** The report of every destination on this shard, for the API and `/health`. */
import type { Clock } from "../clock.ts";
import type { ClusterState } from "../cluster/cluster-state.ts";
import { positionAt } from "../journal/position.ts";
import type { Receiver } from "../presence.ts";
import { endTurn, newTurn } from "../turn.ts";
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
  /** Events that its rule has matched; absent in the report of an older version. */
  fitted?: number;
  /** How many posts may be under way at once now; absent in the report of an older version. */
  concurrency?: number;
  /** When the oldest event was received that waits in the journal, Unix milliseconds. */
  waitingSince: number | null;
  lastSuccessAt: number | null;
  lastError: string | null;
  /** The receiver that it waits for, because none is there: it is shown as paused. Absent: it waits for none. */
  awaits?: Receiver;
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

/** The turns of a report that counts on: it looks at a hundred thousand events, within about a second. */
const mostTurns = 25;

/** Later than this, an entry of the retry list is not tried within seconds. Milliseconds. */
const soonMs = 10_000;

export interface ReportSources {
  readonly destinations: Destinations;
  readonly retries: RetryList;
  readonly settled: SettledDeliveries;
  readonly cluster: { readonly state: ClusterState };
}

/**
 * The report, for a caller that can wait. It counts on in further turns until each count is exact. A longer backlog is
 * still an estimate, and the next report counts on from there.
 */
export async function countedReports(
  sources: ReportSources,
  retentionMs: number,
  clock: Clock,
): Promise<DestinationReport[]> {
  for (let turns = 1; ; turns++) {
    const reports = destinationReports(sources, retentionMs, clock);
    if (turns === mostTurns || !reports.some(({ estimated }) => estimated)) return reports;
    await endTurn(clock);
  }
}

export function destinationReports(
  sources: ReportSources,
  retentionMs: number,
  clock: Clock,
): DestinationReport[] {
  const { destinations, retries, settled, cluster } = sources;
  const { paused, disabled } = cluster.state;
  const { all } = destinations;
  const turn = newTurn(reportTurn);
  const dead = settled.deadCounts(positionAt(clock.now() - retentionMs));
  const names = new Set([...all.keys(), ...retries.counts.keys(), ...dead.kept.keys()]);
  return [...names].map((name) => {
    const destination = all.get(name);
    const state = destination?.state;
    const { waiting, since, estimated } = destination?.backlog(turn) ?? nothing;
    const retrying = retries.counts.get(name) ?? 0;
    // No list shows them, and no replay sends them any more.
    const lost = destination?.losesNothing === false ? (dead.past.get(name) ?? 0) : 0;
    const latest = retrying > 0 ? (retries.rows.latest(name) ?? 0) : 0;
    const running = destination?.open ? "open" : "up";
    const steered = disabled.includes(name) ? "disabled" : paused.includes(name) ? "paused" : null;
    const awaits = steered === null ? (destination?.awaits ?? null) : null;
    return {
      name,
      state: steered ?? (awaits === null ? running : "paused"),
      waiting,
      estimated,
      retrying,
      dead: dead.kept.get(name) ?? 0,
      expired: (state?.expired ?? 0) + lost,
      delivered: state?.delivered ?? 0,
      failed: state?.failed ?? 0,
      fitted: state?.fitted ?? 0,
      concurrency: destination?.concurrency ?? 0,
      waitingSince: since,
      lastSuccessAt: state?.lastSuccessAt ?? null,
      lastError: state?.lastError ?? null,
      heldUntil: destination?.heldUntil ?? null,
      full: destination?.full ?? false,
      delayed: latest > clock.now() + soonMs ? retrying : 0,
      ...(awaits !== null && { awaits }),
      forgottenAt: state?.gone === undefined ? null : state.gone + retentionMs,
    };
  });
}

const nothing = { waiting: 0, since: null, estimated: false };
