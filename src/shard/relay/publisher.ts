/**
 * Shard 0's part of relay events: it hears shards and Workers, and the news of the herald become events of the
 * journal.
 *
 * Rows written: one for the relay events of a moment, which holds the progress record too.
 */
import { type BackendState, newRelayEvent, type RelayBody } from "../../callback/relay-events.ts";
import { log } from "../../log.ts";
import type { RuleBook } from "../../rule/parse-rules.ts";
import type { Clock } from "../clock.ts";
import { type PackedEvent, packEvent } from "../journal/packed-event.ts";
import type { Difference, HeraldState, Report, Tally } from "../journal/relay-record.ts";
import type { Findings } from "./findings.ts";
import type { Herald } from "./herald.ts";
import { isMute } from "./mute.ts";

/** The news of a Worker. */
export type Notice =
  | { kind: "action"; body: RelayBody<"Relay.Action"> }
  | { kind: "backend"; state: BackendState }
  | { kind: "refused"; reason: string; count: number };

/** Takes relay events into the journal. */
export interface OwnJournal {
  /** Writes them, or throws. */
  tell(events: (PackedEvent & { command: string })[]): void;
}

/** The other stages, by role. */
export interface PublisherRoles {
  /** Hears that the relay's part of the progress record has changed. */
  readonly record: { changed(): void };
  readonly schedule: { at(ms: number): void };
  readonly cluster: { readonly state: { readonly disabled: readonly string[] } };
}

/** How long after a write that has failed the next one is tried. Milliseconds. */
const failedMs = 10_000;

export class Publisher {
  readonly #herald: Herald;
  readonly #findings: Findings;
  readonly #rules: RuleBook;
  readonly #roles: PublisherRoles;
  readonly #clock: Clock;
  #journal: OwnJournal | null = null;

  constructor(herald: Herald, findings: Findings, rules: RuleBook, roles: PublisherRoles, clock: Clock) {
    this.#herald = herald;
    this.#findings = findings;
    this.#rules = rules;
    this.#roles = roles;
    this.#clock = clock;
  }

  /** The stage that comes after this one. */
  join(journal: OwnJournal): void {
    this.#journal = journal;
  }

  get state(): HeraldState {
    return this.#herald.state;
  }

  /** All that it knows, for `restore`. */
  remember(): ReturnType<Herald["remember"]> {
    return this.#herald.remember();
  }

  restore(remembered: ReturnType<Herald["remember"]>): void {
    this.#herald.restore(remembered);
  }

  /** Whether relay events wait for the journal. */
  get waits(): boolean {
    return this.#herald.waits;
  }

  /** Whether such occurrences are counted in a minute that has not ended. */
  counts(tally: Tally): boolean {
    return this.#herald.counts(tally);
  }

  /** Something was found here. */
  found(now: number): void {
    this.#roles.schedule.at(now);
  }

  /** Throws where so much waits for a storage that takes no row that nothing more may be heard. */
  mustHaveRoom(now: number): void {
    if (this.#herald.full) this.#write(now);
    if (this.#herald.full) throw new Error("too many relay events wait for the storage to take a row");
  }

  /** Hears the notice of a Worker. Returns whether something has changed. */
  notice(notice: Notice, now: number): boolean {
    const herald = this.#herald;
    if (notice.kind === "backend") return herald.backend(notice.state, now);
    if (notice.kind === "action") herald.action(notice.body);
    else
      herald.count(
        { command: "Relay.SignatureRefused", of: notice.reason, count: notice.count, latest: {} },
        now,
      );
    return true;
  }

  /** Hears the report of another shard. @param fresh the differences that no shard has met before */
  hear(shard: number, report: Report, fresh: readonly Difference[], now: number): void {
    this.#herald.hear(shard, report, (difference) => fresh.includes(difference), now);
  }

  /** Tells the news that are due, and schedules the rest. */
  run(now: number): void {
    const herald = this.#herald;
    if (herald.full) this.#write(now);
    if (herald.full) return;
    this.#gather(now);
    if (herald.waits) this.#write(now);
    if (herald.nextAt !== null) this.#roles.schedule.at(herald.nextAt);
  }

  /** Hears what this shard has found, and of minutes that have ended. */
  #gather(now: number): void {
    const herald = this.#herald;
    const { record, cluster } = this.#roles;
    if (this.#findings.pending) {
      // This shard has looked through its own differences.
      herald.hear(0, this.#findings.seal(now), () => true, now);
      this.#findings.heard();
      record.changed();
    }
    const disabled = cluster.state.disabled.filter((name) => !isMute(this.#rules, name));
    if (herald.disabled(disabled)) record.changed();
    if (herald.endMinutes(now)) record.changed();
  }

  #write(now: number): void {
    const tellings = this.#herald.take();
    // The row that holds these events records that they wait no more.
    this.#roles.record.changed();
    try {
      this.#journal!.tell(
        tellings.map((telling) => ({
          ...packEvent(newRelayEvent(telling, now, this.#chance())),
          command: telling.command,
        })),
      );
    } catch (error) {
      log.error("relay events", { error: String(error) });
      this.#herald.putBack(tellings);
      this.#roles.schedule.at(now + failedMs);
    }
  }

  #chance(): Uint8Array {
    return Uint8Array.from({ length: 12 }, () => this.#clock.random() * 256);
  }
}
