/**
 * Relay events: other stages report incidents here, and news for users become events of the journal of
 * shard 0. Shard 0 publishes its own findings, another shard reports them.
 *
 * The progress record holds the findings that are still to be told. While nothing goes wrong, no row is written.
 */
import type { Event } from "../../callback/event.ts";
import { relayApp } from "../../callback/relay-events.ts";
import type { RuleBook } from "../../rule/parse-rules.ts";
import type { Clock } from "../clock.ts";
import type {
  Difference,
  Down,
  Expiring,
  FindingsState,
  RelayRecord,
  Report,
  Tally,
} from "../journal/relay-record.ts";
import type { Counters } from "../meter.ts";
import { Findings } from "./findings.ts";
import { Herald } from "./herald.ts";
import { isMute } from "./mute.ts";
import { type Notice, type OwnJournal, Publisher, type PublisherRoles } from "./publisher.ts";
import { Reporter, type ReporterRoles } from "./reporter.ts";

/** The other stages, by role. */
export interface RelayRoles extends Omit<PublisherRoles & ReporterRoles, "record" | "progress"> {
  readonly progress: ReporterRoles["progress"] & {
    changed(): void;
    /** Throws where the storage takes no row. */
    write(): void;
    /** Whether a row of its own is still to be written. */
    readonly unfinished: boolean;
  };
  readonly drift: {
    /** Remembers differences: `fresh` are those that no shard has met before. `keep` is called once they are written. */
    meeting(
      differences: readonly Difference[],
      now: number,
    ): { readonly fresh: readonly Difference[]; write(): void; keep(): void };
  };
  readonly storage: {
    /** Throws if the rows cannot be written: then none is. */
    tryAtomically(write: () => void): void;
    writeFailed(error: unknown): void;
  };
}

/** Finds destinations for which something has waited for half of its time. */
export interface ExpiryWatch {
  /** All of them; null: they were looked for a moment ago. */
  look(now: number): Record<string, Expiring> | null;
}

/** Issues that a relay event repeats. */
const mostIssues = 10;

const oldToken = "oldTokens:";

export class Relay {
  readonly #rules: RuleBook;
  readonly #roles: RelayRoles;
  readonly #clock: Clock;
  readonly #findings: Findings;
  /** Of shard 0; null: this is another shard. */
  readonly #publisher: Publisher | null;
  readonly #outlet: Publisher | Reporter;
  #expiry: ExpiryWatch | null = null;
  /** Grows with every change of the record. */
  version = 0;

  constructor(
    index: number,
    rules: RuleBook,
    retentionMs: number,
    recorded: RelayRecord | undefined,
    roles: RelayRoles,
    clock: Clock,
  ) {
    this.#rules = rules;
    this.#roles = roles;
    this.#clock = clock;
    this.#findings = new Findings(recorded?.findings);
    const parts = { ...roles, record: this };
    const herald = () => new Herald(retentionMs, recorded?.herald);
    this.#publisher = index === 0 ? new Publisher(herald(), this.#findings, rules, parts, clock) : null;
    this.#outlet = this.#publisher ?? new Reporter(index, this.#findings, parts);
    if (recorded) this.version++;
  }

  /** The stages that come after this one. */
  join(journal: OwnJournal, expiry: ExpiryWatch): void {
    this.#publisher?.join(journal);
    this.#expiry = expiry;
  }

  /** For the progress record; undefined: nothing was ever told here. */
  get record(): RelayRecord | undefined {
    if (this.version === 0) return undefined;
    return { findings: this.#findings.state, ...(this.#publisher && { herald: this.#publisher.state }) };
  }

  /** Something is still to be told, and no alarm may be set for it. */
  get unfinished(): boolean {
    return this.#findings.pending || (this.#publisher?.waits ?? false);
  }

  /** The findings of this shard that are not told yet. A caller whose row fails gives them back. */
  get findings(): FindingsState {
    return this.#findings.state;
  }

  restore(findings: FindingsState): void {
    if (findings === this.#findings.state) return;
    this.#findings.restore(findings);
    this.changed();
  }

  isDown(destination: string): boolean {
    return this.#findings.isDown(destination);
  }

  /** A destination's breaker has opened. Told again while it is open, this changes nothing. */
  down(destination: string, down: () => Down): void {
    if (this.isDown(destination) || isMute(this.#rules, destination)) return;
    this.#findings.opened(destination, down());
    this.#found();
  }

  /** A destination that was down answers again. */
  recovered(destination: string, waiting: number): void {
    this.#findings.recovered(destination, waiting);
    this.#found();
  }

  /** A destination is disabled. Shard 0 tells of it at once: after a resume it would find nothing to tell. */
  disabled(): void {
    this.#publisher?.found(this.#clock.now());
  }

  /** Deliveries were given up. Returns whether no row tells of any yet: a start would not find them again. */
  gaveUp(destination: string, events: readonly Event[], error: string | null): boolean {
    const last = events.findLast(({ app }) => app !== relayApp);
    if (!last) return false;
    return this.#count({
      command: "Relay.DeadLetter",
      of: destination,
      count: events.filter(({ app }) => app !== relayApp).length,
      latest: { lastError: error ?? "", event: last.id },
    });
  }

  /** Events were dropped before a destination had them. */
  expired(destination: string, count: number): void {
    if (count <= 0 || isMute(this.#rules, destination)) return;
    this.#count({ command: "Relay.Expired", of: destination, count, latest: {} });
  }

  /** An event is quarantined. */
  quarantined(command: string, { id, issues }: Pick<Event, "id" | "issues">): void {
    this.#count({
      command: "Relay.Quarantined",
      of: command,
      count: 1,
      latest: { issues: issues.slice(0, mostIssues), event: id },
    });
  }

  /** A difference was met for the first time here. */
  drifted(difference: Difference): void {
    this.#findings.differs(difference);
    this.#found();
  }

  /** Counts of a Worker. */
  counted(tally: Counters): void {
    for (const [name, count] of Object.entries(tally)) {
      if (!name.startsWith(oldToken)) continue;
      const of = Number(name.slice(oldToken.length));
      this.#count({ command: "Relay.OldToken", of, count, latest: {} });
    }
  }

  /** Returns whether they are the first that one relay event will tell of. */
  #count(tally: Tally): boolean {
    const isFirst = !this.#findings.counts(tally) && this.#publisher?.counts(tally) !== true;
    this.#findings.count(tally);
    this.#found();
    return isFirst;
  }

  /** A name is forgotten. */
  forget(destination: string): void {
    this.#findings.forget(destination);
    this.#found();
  }

  /**
   * Shard 0's: hears the notice of a Worker. Throws if no row can hold it. Then it was not heard, and is to be
   * repeated; an action apart, which its Worker does not repeat: that is told as soon as there is room.
   */
  notice(notice: Notice): void {
    const publisher = this.#publisher!;
    const now = this.#clock.now();
    publisher.mustHaveRoom(now);
    const before = { told: publisher.remember(), findings: this.findings };
    if (!publisher.notice(notice, now)) return;
    this.changed();
    this.run();
    const { progress, storage } = this.#roles;
    // A relay event that was told has brought the record into its row.
    if (!progress.unfinished) return;
    try {
      progress.write();
    } catch (error) {
      if (notice.kind !== "action") this.#goBack(before);
      storage.writeFailed(error);
      throw error;
    }
  }

  /**
   * Shard 0's: hears the report of another shard, which forgets it once it is answered. Throws if no row can hold it:
   * then it was not heard, and is to be repeated.
   */
  hear(shard: number, report: Report): void {
    const publisher = this.#publisher!;
    const { drift, progress, storage } = this.#roles;
    const now = this.#clock.now();
    publisher.mustHaveRoom(now);
    const before = { told: publisher.remember(), findings: this.findings };
    const met = drift.meeting(report.drift, now);
    try {
      publisher.hear(shard, report, met.fresh, now);
      this.changed();
      storage.tryAtomically(() => {
        met.write();
        progress.write();
      });
    } catch (error) {
      this.#goBack(before);
      storage.writeFailed(error);
      throw error;
    }
    met.keep();
    this.run();
  }

  #goBack({ told, findings }: { told: ReturnType<Publisher["remember"]>; findings: FindingsState }): void {
    this.#publisher!.restore(told);
    this.#findings.restore(findings);
    this.changed();
  }

  /** Tells the news that are due, and schedules the rest. */
  run(): void {
    const now = this.#clock.now();
    const expiring = this.#expiry!.look(now);
    if (expiring && this.#findings.expire(this.#audible(expiring))) this.changed();
    this.#outlet.run(now);
  }

  /** The record has changed. */
  changed(): void {
    this.version++;
    this.#roles.progress.changed();
  }

  #audible(expiring: Record<string, Expiring>): Record<string, Expiring> {
    return Object.fromEntries(Object.entries(expiring).filter(([name]) => !isMute(this.#rules, name)));
  }

  #found(): void {
    this.changed();
    this.#outlet.found(this.#clock.now());
  }
}
