/**
 * What one shard has found out, and shard 0 is still to hear: states of its destinations, and counts. Plain data, which
 * the progress record keeps: it costs no row of its own, and survives a restart.
 */
import type { Difference, Down, Expiring, FindingsState, Report, Tally } from "../journal/relay-record.ts";

/** At most so many differences wait: `/api/drift` has them all. */
const mostDrift = 20;

export class Findings {
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
    this.#state.down[destination] = down;
    this.#state.changed = true;
  }

  recovered(destination: string, waiting: number): void {
    this.#state.down[destination] = { ...this.#state.down[destination]!, waiting, ended: true };
    this.#state.changed = true;
  }

  /** A name that is forgotten neither recovers nor expires. */
  forget(destination: string): void {
    const { down, expiring } = this.#state;
    if (!down[destination] && !expiring[destination]) return;
    delete down[destination];
    delete expiring[destination];
    this.#state.changed = true;
  }

  /** All destinations for which something has waited for half of its time. */
  expire(expiring: Record<string, Expiring>): boolean {
    const before = Object.keys(this.#state.expiring).sort().join();
    if (before === Object.keys(expiring).sort().join()) return false;
    this.#state.expiring = expiring;
    this.#state.changed = true;
    return true;
  }

  count(tally: Tally): void {
    const { tallies } = this.#state;
    addTally(tallies, tally);
    this.#state.tallies = tallies.filter(({ count }) => count > 0);
  }

  differs(difference: Difference): void {
    if (this.#state.drift.length < mostDrift) this.#state.drift.push(difference);
  }

  /** The report that shard 0 is to hear next. @param now numbers grow even where the storage began anew */
  seal(now: number): Report {
    const { number, down, expiring, tallies, drift, sealed } = this.#state;
    if (sealed) return sealed;
    const report = { number: Math.max(now, number + 1), down: { ...down }, expiring, tallies, drift };
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
    const ended = Object.entries(sealed?.down ?? {}).filter(([, { ended }]) => ended);
    for (const [name] of ended) if (state.down[name]?.ended) delete state.down[name];
    this.#state = state;
  }
}

/** Adds a tally to those of its command and kind. */
export function addTally<One extends Tally>(tallies: One[], tally: One): void {
  const { command, of, count, latest } = tally;
  const same = tallies.find((one) => one.command === command && one.of === of);
  if (!same) tallies.push({ ...tally });
  else {
    same.count += count;
    same.latest = latest;
  }
}
