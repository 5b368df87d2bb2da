/**
 * Relay events: other stages say here what has happened, and what concerns users becomes an event of the journal of
 * shard 0. Shard 0 publishes what it finds, another shard reports it.
 *
 * What is still to be told stands in the progress record. While nothing goes wrong, no row is written.
 */
import type { Event } from "../../callback/event.ts";
import { relayApp } from "../../callback/relay-events.ts";
import type { RuleBook } from "../../rule/parse-rules.ts";
import type { Clock } from "../clock.ts";
import type { Difference, Down, Expiring, RelayRecord, Report } from "../journal/relay-record.ts";
import type { Counters } from "../meter.ts";
import { Findings } from "./findings.ts";
import { Herald } from "./herald.ts";
import { isMute } from "./mute.ts";
import { type Notice, type OwnJournal, Publisher, type PublisherRoles } from "./publisher.ts";
import { Reporter, type ReporterRoles } from "./reporter.ts";

/** The other stages, by role. */
export interface RelayRoles extends Omit<PublisherRoles & ReporterRoles, "record" | "progress"> {
  readonly progress: ReporterRoles["progress"] & { changed(): void };
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
  readonly #progress: RelayRoles["progress"];
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
    this.#progress = roles.progress;
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

  /** Deliveries were given up. */
  gaveUp(destination: string, events: readonly Event[], error: string | null): void {
    const last = events.findLast(({ app }) => app !== relayApp);
    if (!last) return;
    this.#findings.count({
      command: "Relay.DeadLetter",
      of: destination,
      count: events.filter(({ app }) => app !== relayApp).length,
      latest: { lastError: error ?? "", event: last.id },
    });
    this.#found();
  }

  /** Events were dropped before a destination had them. */
  expired(destination: string, count: number): void {
    if (count <= 0 || isMute(this.#rules, destination)) return;
    this.#findings.count({ command: "Relay.Expired", of: destination, count, latest: {} });
    this.#found();
  }

  /** A misfit is about to be written. @param times -1: it could not be written after all */
  quarantined(command: string, { id, issues }: Pick<Event, "id" | "issues">, times: 1 | -1): void {
    this.#findings.count({
      command: "Relay.Quarantined",
      of: command,
      count: times,
      latest: { issues: issues.slice(0, mostIssues), event: id },
    });
    this.#found();
  }

  /** A difference was met for the first time here. */
  drifted(difference: Difference): void {
    this.#findings.differs(difference);
    this.#found();
  }

  /** Counts of a Worker. @param times -1: they are taken back */
  counted(tally: Counters, times: 1 | -1): void {
    for (const [name, count] of Object.entries(tally)) {
      if (!name.startsWith(oldToken)) continue;
      const of = Number(name.slice(oldToken.length));
      this.#findings.count({ command: "Relay.OldToken", of, count: times * count, latest: {} });
      this.#found();
    }
  }

  /** A name is forgotten. */
  forget(destination: string): void {
    this.#findings.forget(destination);
    this.#found();
  }

  /** Shard 0's: hears what a Worker has to say. */
  notice(notice: Notice): void {
    if (!this.#publisher!.notice(notice, this.#clock.now())) return;
    this.changed();
    this.run();
  }

  /** Shard 0's: hears the report of another shard. */
  hear(shard: number, report: Report): void {
    this.#publisher!.hear(shard, report, this.#clock.now());
    this.changed();
    this.run();
    // The shard forgets what it has reported once it is answered, which the runtime delays until the row is durable.
    this.#progress.tryWrite();
  }

  /** Tells what is to be told now, and schedules the rest. */
  run(): void {
    const now = this.#clock.now();
    const expiring = this.#expiry!.look(now);
    if (expiring && this.#findings.expire(this.#audible(expiring))) this.changed();
    this.#outlet.run(now);
  }

  /** The record has changed. */
  changed(): void {
    this.version++;
    this.#progress.changed();
  }

  #audible(expiring: Record<string, Expiring>): Record<string, Expiring> {
    return Object.fromEntries(Object.entries(expiring).filter(([name]) => !isMute(this.#rules, name)));
  }

  #found(): void {
    this.changed();
    this.#outlet.found(this.#clock.now());
  }
}
