/**
 * Another shard's part of relay events: it reports its findings to shard 0, soon, and again where that does not answer.
 *
 * Rows written: one for a report, which holds the progress record too.
 */
import { log } from "../../log.ts";
import type { Report } from "../journal/relay-record.ts";
import type { Findings } from "./findings.ts";

/** The other stages, by role. */
export interface ReporterRoles {
  /** Hears that the relay's part of the progress record has changed. */
  readonly record: { changed(): void };
  readonly progress: { tryWrite(): boolean };
  readonly schedule: { at(ms: number): void };
  readonly peers: { shard(index: number): { report(shard: number, report: Report): Promise<void> } };
  readonly state: { waitUntil(promise: Promise<unknown>): void };
}

/** Findings gather for so long before they are reported. Milliseconds; a timer, which writes no row. */
const gatherMs = 2_000;

/** A shard that only counts reports no sooner after its last report. Milliseconds. */
const countMs = 20_000;

/** How long after a report that has failed it is repeated. Milliseconds. */
const failedMs = 10_000;

export class Reporter {
  readonly #index: number;
  readonly #findings: Findings;
  readonly #roles: ReporterRoles;
  #reporting = false;
  /** When the next report may begin, Unix milliseconds; null: at once. */
  #reportAt: number | null = null;
  /** When the last one began, Unix milliseconds. */
  #reportedAt = 0;

  /** @param index of this shard */
  constructor(index: number, findings: Findings, roles: ReporterRoles) {
    this.#index = index;
    this.#findings = findings;
    this.#roles = roles;
  }

  /** Something was found here. A report that is planned never waits for longer by that. */
  found(now: number): void {
    const pause = this.#findings.urgent ? 0 : countMs;
    const due = Math.max(now + gatherMs, Math.min(this.#reportedAt, now) + pause);
    this.#reportAt = Math.min(this.#reportAt ?? due, due);
    this.#roles.schedule.at(this.#reportAt);
  }

  /** Reports the findings that are due, and schedules the report of others. */
  run(now: number): void {
    if (!this.#findings.pending || this.#reporting) return;
    const due = this.#reportAt ?? now;
    // A time further ahead was set before the clock was set back.
    if (due <= now || due > now + countMs) this.#roles.state.waitUntil(this.#report(now));
    else this.#roles.schedule.at(due);
  }

  async #report(now: number): Promise<void> {
    const { record, progress, peers } = this.#roles;
    this.#reporting = true;
    this.#reportAt = null;
    this.#reportedAt = now;
    try {
      const report = this.#findings.seal(now);
      record.changed();
      // The call leaves when the row is durable: a report that is repeated is the same.
      if (!progress.tryWrite()) throw new Error("the storage takes no row now");
      await peers.shard(0).report(this.#index, report);
      this.#findings.heard();
      record.changed();
    } catch (error) {
      log.warn("report", { shard: this.#index, error: String(error) });
      this.#reportAt = now + failedMs;
    } finally {
      this.#reporting = false;
    }
    if (this.#findings.pending) this.#roles.schedule.at(this.#reportAt ?? now);
  }
}
