/**
 * What one shard has found out, and shard 0 is still to hear: states of its destinations, and counts. Plain data, which
 * the progress record keeps: it costs no row of its own, and survives a restart.
 */
import type { Difference, Down, Expiring, FindingsState, Report, Tally } from "../journal/relay-record.ts";

/** At most so many differences wait: `/api/drift` has them all. */
const mostDrift = 20;

export class Findings {
  /** It is replaced, and never changed: a caller may hold the state of before. */
  #state: FindingsState;

  constructor(recorded?: FindingsState) {
    this.#state = recorded ?? {
      number: 0,
      down: {},
      expiring: {},
      tallies: [],
      drift: [],
      changed: false,
    };
  }

  get state(): FindingsState {
    return this.#state;
  }

  /** The rows that told of the last findings could not be written: they are forgotten. @param state that of before */
  restore(state: FindingsState): void {
    this.#state = state;
  }

  /** Whether shard 0 is still to hear something. */
  get pending(): boolean {
    const { changed, tallies, drift, sealed } = this.#state;
    return changed || tallies.length > 0 || drift.length > 0 || sealed !== undefined;
  }

  /** Whether it is more than counts. */
  get urgent(): boolean {
    return this.#state.changed || this.#state.drift.length > 0;
  }

  isDown(destination: string): boolean {
    const down = this.#state.down[destination];
    return down !== undefined && !down.ended;
  }

  opened(destination: string, down: Down): void {
    this.#change({ down: { ...this.#state.down, [destination]: down } });
  }

  recovered(destination: string, waiting: number): void {
    this.opened(destination, { ...this.#state.down[destination]!, waiting, ended: true });
  }

  /** A name that is forgotten neither recovers nor expires. */
  forget(destination: string): void {
    const { [destination]: isDown, ...down } = this.#state.down;
    const { [destination]: expires, ...expiring } = this.#state.expiring;
    if (isDown || expires) this.#change({ down, expiring });
  }

  /** All destinations for which something has waited for half of its time. */
  expire(expiring: Record<string, Expiring>): boolean {
    const before = Object.keys(this.#state.expiring).sort().join();
    if (before === Object.keys(expiring).sort().join()) return false;
    this.#change({ expiring });
    return true;
  }

  #change(changed: Partial<FindingsState>): void {
    this.#state = { ...this.#state, ...changed, changed: true };
  }

  count(tally: Tally): void {
    this.#state = { ...this.#state, tallies: withTally(this.#state.tallies, tally) };
  }

  /** Whether such occurrences were counted since the last report. */
  counts(tally: Tally): boolean {
    return this.#state.tallies.some((one) => isSameKind(one, tally));
  }

  differs(difference: Difference): void {
    const drift = [...this.#state.drift, difference].slice(0, mostDrift);
    this.#state = { ...this.#state, drift };
  }

  /** The report that shard 0 is to hear next. @param now numbers grow even where the storage began anew */
  seal(now: number): Report {
    const { number, down, expiring, tallies, drift, sealed } = this.#state;
    if (sealed) return sealed;
    const report = { number: Math.max(now, number + 1), down, expiring, tallies, drift };
    this.#state = {
      ...this.#state,
      number: report.number,
      tallies: [],
      drift: [],
      changed: false,
      sealed: report,
    };
    return report;
  }

  /** Shard 0 has heard the sealed report. */
  heard(): void {
    const { sealed, ...state } = this.#state;
    const isHeard = ([name, { ended }]: [string, Down]) => ended && sealed?.down[name]?.ended;
    const down = Object.entries(state.down).filter((one) => !isHeard(one));
    this.#state = { ...state, down: Object.fromEntries(down) };
  }
}

/** The tallies with another one, added to that of its command and kind. */
export function withTally<One extends Tally>(tallies: readonly One[], tally: One): One[] {
  const same = tallies.find((one) => isSameKind(one, tally));
  if (!same) return [...tallies, tally];
  const { count, latest } = tally;
  return tallies.map((one) => (one === same ? { ...one, count: one.count + count, latest } : one));
}

/** Whether one relay event tells of both. */
export function isSameKind(a: Tally, b: Tally): boolean {
  return a.command === b.command && a.of === b.of;
}
