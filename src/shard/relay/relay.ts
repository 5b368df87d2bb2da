/**
 * Relay events: other stages say here what has happened, and what concerns users becomes an event of the journal of
 * shard 0. Other shards report to it: soon, and again by the alarm where it does not answer.
 *
 * Rows written: on shard 0 one for the relay events of a moment, which holds the progress record too; one for a report
 * of which no event comes. What is still to be told stands in the progress record. While nothing goes wrong, none.
 */
import type { Event } from "../../callback/event.ts";
import { newEventId } from "../../callback/event-id.ts";
import {
  type BackendState,
  isRelay,
  type RelayBody,
  relayApp,
  relayEventOf,
} from "../../callback/relay-events.ts";
import { log } from "../../log.ts";
import type { RuleBook } from "../../rule/parse-rules.ts";
import type { Clock } from "../clock.ts";
import { type PackedEvent, packEvent } from "../journal/packed-event.ts";
import type { Difference, Down, Expiring, RelayRecord, Report, Telling } from "../journal/relay-record.ts";
import type { Counters } from "../meter.ts";
import { Findings } from "./findings.ts";
import { Herald } from "./herald.ts";

/** What a Worker has to say. */
export type Notice =
  | { kind: "action"; body: RelayBody<"Relay.Action"> }
  | { kind: "backend"; state: BackendState }
  | { kind: "refused"; reason: string; count: number };

/** The other stages, by role. */
export interface RelayRoles {
  readonly progress: { changed(): void; tryWrite(): boolean };
  readonly schedule: { at(ms: number): void };
  readonly cluster: { readonly state: { readonly disabled: readonly string[] } };
  readonly drift: { meet(difference: Difference, now: number): boolean };
  readonly peers: { shard(index: number): { report(shard: number, report: Report): Promise<void> } };
  readonly state: { waitUntil(promise: Promise<unknown>): void };
}

/** Takes relay events into the journal. */
export interface OwnJournal {
  /** Writes them, or throws. */
  tell(events: (PackedEvent & { command: string })[]): void;
}

/** Finds destinations for which something has waited for half of its time. */
export interface ExpiryWatch {
  /** All of them; null: they were looked for a moment ago. */
  look(now: number): Record<string, Expiring> | null;
}

/** Other shards gather for so long what they report. Milliseconds; a timer, which writes no row. */
const gatherMs = 2_000;

/** A shard that only counts reports no sooner after its last report. Milliseconds. */
const countMs = 20_000;

/** How long after a write that has failed the next one is tried. Milliseconds. */
const failedMs = 10_000;

/** Issues that a relay event repeats. */
const mostIssues = 10;

const oldToken = "oldTokens:";

export class Relay {
  readonly #index: number;
  readonly #rules: RuleBook;
  readonly #roles: RelayRoles;
  readonly #clock: Clock;
  readonly #findings: Findings;
  readonly #herald: Herald | null;
  #journal: OwnJournal | null = null;
  #expiry: ExpiryWatch | null = null;
  #reporting = false;
  /** When the next report may begin, and when the last began. Unix milliseconds. */
  #reportAt = 0;
  #reportedAt = 0;
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
    this.#index = index;
    this.#rules = rules;
    this.#roles = roles;
    this.#clock = clock;
    this.#findings = new Findings(recorded?.findings);
    this.#herald = index === 0 ? new Herald(retentionMs, recorded?.herald) : null;
    if (recorded) this.version++;
  }

  /** The stages that come after this one. */
  join(journal: OwnJournal, expiry: ExpiryWatch): void {
    this.#journal = journal;
    this.#expiry = expiry;
  }

  /** For the progress record; undefined: nothing was ever told here. */
  get record(): RelayRecord | undefined {
    if (this.version === 0) return undefined;
    return { findings: this.#findings.state, ...(this.#herald && { herald: this.#herald.state }) };
  }

  /** Something is still to be told, and no alarm may be set for it. */
  get unfinished(): boolean {
    return this.#findings.pending || (this.#herald?.waits ?? false);
  }

  isDown(destination: string): boolean {
    return this.#findings.isDown(destination);
  }

  /** A destination's breaker has opened. Told again while it is open, this changes nothing. */
  down(destination: string, down: () => Down): void {
    if (this.isDown(destination) || this.#isMute(destination)) return;
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
    if (count <= 0 || this.#isMute(destination)) return;
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
    const herald = this.#herald!;
    const now = this.#clock.now();
    if (notice.kind === "action") herald.action(notice.body);
    if (notice.kind === "refused")
      herald.count(
        { command: "Relay.SignatureRefused", of: notice.reason, count: notice.count, latest: {} },
        now,
      );
    if (notice.kind === "backend" && !herald.backend(notice.state, now)) return;
    this.#changed();
    this.run();
  }

  /** Shard 0's: hears the report of another shard. */
  hear(shard: number, report: Report): void {
    const now = this.#clock.now();
    this.#herald!.hear(shard, report, (difference) => this.#roles.drift.meet(difference, now), now);
    this.#changed();
    this.run();
    // The shard forgets what it has reported once it is answered, which the runtime delays until the row is durable.
    this.#roles.progress.tryWrite();
  }

  /** Tells what is to be told now, and schedules the rest. */
  run(): void {
    const now = this.#clock.now();
    const expiring = this.#expiry!.look(now);
    if (expiring && this.#findings.expire(this.#audible(expiring))) this.#changed();
    if (this.#herald) this.#proclaim(this.#herald, now);
    else if (this.#mayReport(now)) this.#roles.state.waitUntil(this.#report(now));
  }

  #proclaim(herald: Herald, now: number): void {
    if (this.#findings.pending) {
      // This shard has looked through its own differences.
      herald.hear(0, this.#findings.seal(now), () => true, now);
      this.#findings.heard();
      this.#changed();
    }
    const { disabled } = this.#roles.cluster.state;
    if (herald.disabled(disabled.filter((name) => !this.#isMute(name)))) this.#changed();
    if (herald.endMinutes(now)) this.#changed();
    if (herald.waits) this.#write(herald, now);
    if (herald.nextAt !== null) this.#roles.schedule.at(herald.nextAt);
  }

  #write(herald: Herald, now: number): void {
    const tellings = herald.take();
    try {
      this.#journal!.tell(tellings.map((telling) => this.#eventOf(telling, now)));
    } catch (error) {
      log.error("relay events", { error: String(error) });
      herald.putBack(tellings);
      this.#roles.schedule.at(now + failedMs);
    }
  }

  #mayReport(now: number): boolean {
    if (!this.#findings.pending || this.#reporting) return false;
    // A time further ahead was set before the clock was set back.
    return this.#reportAt <= now || this.#reportAt > now + countMs;
  }

  async #report(now: number): Promise<void> {
    this.#reporting = true;
    this.#reportedAt = now;
    try {
      const report = this.#findings.seal(now);
      this.#changed();
      // The call leaves when the row is durable: a report that is repeated is the same.
      if (!this.#roles.progress.tryWrite()) return;
      await this.#roles.peers.shard(0).report(this.#index, report);
      this.#findings.heard();
      this.#changed();
    } catch (error) {
      log.warn("report", { shard: this.#index, error: String(error) });
      this.#reportAt = now + failedMs;
    } finally {
      this.#reporting = false;
    }
  }

  #eventOf({ command, body }: Telling, now: number): PackedEvent & { command: string } {
    const text = JSON.stringify(body);
    const chance = Uint8Array.from({ length: 12 }, () => this.#clock.random() * 256);
    const event: Event = {
      id: newEventId(this.#index, now, chance),
      command,
      phase: "after",
      known: true,
      valid: true,
      quarantined: false,
      app: relayApp,
      conversation: relayEventOf(command)!.conversation(body),
      receivedAt: now,
      clientIp: null,
      platform: null,
      // With `raw`, a receiver written for Tencent tells relay events by it.
      query: `SdkAppid=${relayApp}&CallbackCommand=${command}&contenttype=json`,
      body: text,
      size: new TextEncoder().encode(text).length,
      issues: [],
    };
    return { ...packEvent(event), command };
  }

  /** Nothing is told of a destination that gets relay events only: it would be told of its own deliveries. */
  #isMute(destination: string): boolean {
    const rule = this.#rules.rules.find(({ name }) => name === destination);
    return rule?.on?.every(isRelay) ?? false;
  }

  #audible(expiring: Record<string, Expiring>): Record<string, Expiring> {
    return Object.fromEntries(Object.entries(expiring).filter(([name]) => !this.#isMute(name)));
  }

  #found(): void {
    this.#changed();
    const now = this.#clock.now();
    const pause = this.#findings.urgent ? 0 : countMs;
    if (!this.#herald) this.#reportAt = Math.max(now + gatherMs, this.#reportedAt + pause);
    this.#roles.schedule.at(this.#herald ? now : this.#reportAt);
  }

  #changed(): void {
    this.version++;
    this.#roles.progress.changed();
  }
}
