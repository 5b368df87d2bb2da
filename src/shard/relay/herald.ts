/**
 * Decides on shard 0 on the news of all shards together. It compares their reports with the news that were told: a
 * change is told once, however many shards find it so, and not again after a restart. Plain data, which the progress
 * record keeps. The clock is an argument.
 */

import type { BackendState, RelayBody, RelayEventName, Telling } from "../../callback/relay-events.ts";
import { elapsed } from "../../elapsed.ts";
import type { Counted, Difference, HeraldState, Minute, Report, Tally } from "../journal/relay-record.ts";
import { isSameKind, withTally } from "./findings.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** The field that names the counted things, and how many occurrences are no news yet. */
const counted: Record<Counted, { key: string; noNews?: number; everyMs?: number }> = {
  "Relay.DeadLetter": { key: "destination" },
  "Relay.Quarantined": { key: "command" },
  "Relay.Expired": { key: "destination" },
  "Relay.VerdictsInvalid": { key: "rule" },
  "Relay.SignatureRefused": { key: "reason", noNews: 10 },
  "Relay.OldToken": { key: "position", everyMs: hourMs },
};

/** Differences told in a minute. */
const mostDrift = 20;

/** So many relay events may wait for a storage that takes no row. Meanwhile nothing more is heard. */
const mostQueued = 200;

/** The differences that were told in the minute since a time, Unix milliseconds. */
interface ToldDrift {
  since: number;
  told: number;
}

export class Herald {
  #state: HeraldState;
  readonly #retentionMs: number;
  #drift: ToldDrift = { since: 0, told: 0 };

  constructor(retentionMs: number, recorded?: HeraldState) {
    this.#retentionMs = retentionMs;
    this.#state = recorded ?? {
      heard: {},
      down: {},
      expiring: [],
      disabled: [],
      backends: {},
      invalid: [],
      tallies: [],
      tokens: {},
      queue: [],
    };
  }

  get state(): HeraldState {
    return this.#state;
  }

  /** All that it knows, for `restore`. */
  remember(): { state: HeraldState; drift: ToldDrift } {
    return structuredClone({ state: this.#state, drift: this.#drift });
  }

  /** The row that told of the last changes could not be written: they are forgotten. */
  restore({ state, drift }: ReturnType<Herald["remember"]>): void {
    this.#state = state;
    this.#drift = drift;
  }

  /** Whether relay events wait for the journal. */
  get waits(): boolean {
    return this.#state.queue.length > 0;
  }

  /** Whether so many wait that nothing more may be heard. */
  get full(): boolean {
    return this.#state.queue.length >= mostQueued;
  }

  /** When a minute ends, Unix milliseconds; null: none has begun. */
  get nextAt(): number | null {
    const ends = this.#state.tallies.map((minute) => this.#endOf(minute));
    return ends.length > 0 ? Math.min(...ends) : null;
  }

  /**
   * Hears the report of a shard.
   * @param isNew whether no shard has met a difference before
   */
  hear(shard: number, report: Report, isNew: (difference: Difference) => boolean, now: number): void {
    const { heard } = this.#state;
    const { number, down, expiring, tallies, drift } = report;
    if (number <= (heard[shard]?.number ?? 0)) return;
    const lasting = Object.fromEntries(Object.entries(down).filter(([, { ended }]) => !ended));
    heard[shard] = { number, down: lasting, expiring };
    for (const tally of tallies) this.count(tally, now);
    for (const difference of drift) if (isNew(difference)) this.#differ(difference, now);
    this.#compareDown(report, now);
    this.#compareExpiring();
  }

  #compareDown({ down }: Report, now: number): void {
    const reports = Object.values(this.#state.heard).flatMap((report) => Object.entries(report.down));
    for (const [destination, names] of Map.groupBy(reports, ([name]) => name)) {
      if (Object.hasOwn(this.#state.down, destination)) continue;
      const shards = names.map(([, one]) => one);
      const since = Math.min(...shards.map((one) => one.since));
      this.#state.down[destination] = since;
      this.#tell("Relay.DestinationDown", {
        destination,
        since: instant(since),
        failures: Math.max(...shards.map(({ failures }) => failures)),
        lastError: shards[0]!.lastError,
        waiting: shards.reduce((sum, { waiting }) => sum + waiting, 0),
      });
    }
    const still = new Set(reports.map(([name]) => name));
    for (const [destination, since] of Object.entries(this.#state.down)) {
      if (still.has(destination)) continue;
      delete this.#state.down[destination];
      const downMs = Math.max(0, now - since);
      // A name that was forgotten has not recovered.
      if (down[destination]?.ended)
        this.#tell("Relay.DestinationRecovered", {
          destination,
          downMs,
          waiting: down[destination].waiting,
        });
    }
  }

  #compareExpiring(): void {
    const reports = Object.values(this.#state.heard).flatMap((report) => Object.entries(report.expiring));
    const byName = Map.groupBy(reports, ([name]) => name);
    for (const [destination, names] of byName) {
      if (this.#state.expiring.includes(destination)) continue;
      const oldest = Math.min(...names.map(([, one]) => one.oldest));
      this.#tell("Relay.Expiring", {
        destination,
        waiting: names.reduce((sum, [, { waiting }]) => sum + waiting, 0),
        oldest: instant(oldest),
        expiresAt: instant(oldest + this.#retentionMs),
      });
    }
    this.#state.expiring = [...byName.keys()];
  }

  /** Compares the destinations that are disabled now. Returns whether something has changed. */
  disabled(now: readonly string[]): boolean {
    const before = this.#state.disabled;
    if (before.join() === now.join()) return false;
    for (const destination of now)
      if (!before.includes(destination)) this.#tell("Relay.DestinationDisabled", { destination });
    this.#state.disabled = [...now];
    return true;
  }

  /** Hears of the backend of a rule. Returns whether something has changed. */
  backend({ rule, down, invalid }: BackendState, now: number): boolean {
    const { backends } = this.#state;
    const before = JSON.stringify([backends, this.#state.invalid]);
    if (down && !Object.hasOwn(backends, rule)) {
      backends[rule] = now;
      this.#tell("Relay.BackendDown", { rule, ...down });
    }
    if (down === null && Object.hasOwn(backends, rule)) {
      this.#tell("Relay.BackendRecovered", { rule, downMs: Math.max(0, now - backends[rule]!) });
      delete backends[rule];
    }
    const known = this.#state.invalid.includes(rule);
    if (invalid && !known) {
      this.#state.invalid.push(rule);
      const { count, reason } = invalid;
      this.count({ command: "Relay.VerdictsInvalid", of: rule, count, latest: { reason } }, now);
    }
    if (invalid === null && known) this.#state.invalid = this.#state.invalid.filter((name) => name !== rule);
    return before !== JSON.stringify([backends, this.#state.invalid]);
  }

  action(body: RelayBody<"Relay.Action">): void {
    this.#tell("Relay.Action", body);
  }

  count(tally: Tally, now: number): void {
    this.#state.tallies = withTally(this.#state.tallies, { ...tally, since: now });
  }

  /** Whether such occurrences are counted in a minute that has not ended. */
  counts(tally: Tally): boolean {
    return this.#state.tallies.some((one) => isSameKind(one, tally));
  }

  /** Tells of the minutes that have ended. Returns whether there were any. */
  endMinutes(now: number): boolean {
    const { tallies, tokens } = this.#state;
    // A minute that begins later than now was begun before the clock was set back.
    const ended = tallies.filter((minute) => this.#endOf(minute) <= now || minute.since > now);
    if (ended.length === 0) return false;
    this.#state.tallies = tallies.filter((minute) => !ended.includes(minute));
    for (const { command, of, count, latest } of ended) {
      const { key, noNews = 0, everyMs } = counted[command];
      if (everyMs !== undefined) tokens[of] = now;
      if (count > noNews) this.#tell(command, { [key]: of, count, ...latest });
    }
    return true;
  }

  #endOf({ command, of, since }: Minute): number {
    const { everyMs } = counted[command];
    const before = everyMs === undefined ? undefined : this.#state.tokens[of];
    // A telling that lies ahead was noted before the clock was set back.
    return Math.max(since + minuteMs, before === undefined ? 0 : Math.min(before, since) + everyMs!);
  }

  #differ({ command, path, kind, seen }: Difference, now: number): void {
    if (elapsed(this.#drift.since, now) >= minuteMs) this.#drift = { since: now, told: 0 };
    if (this.#drift.told++ < mostDrift) this.#tell("Relay.Drift", { command, path, kind, found: seen });
  }

  #tell(command: RelayEventName, body: Telling["body"]): void {
    this.#state.queue.push({ command, body });
  }

  /** The relay events for the journal. The caller puts them back where it takes none. */
  take(): Telling[] {
    const { queue } = this.#state;
    this.#state.queue = [];
    return queue;
  }

  putBack(tellings: readonly Telling[]): void {
    this.#state.queue.unshift(...tellings);
  }
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
