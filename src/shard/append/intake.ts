/**
 * Receive → append: an event that a Worker hands over becomes durable, or is recognised as one that is kept already.
 * Between the arrival of an event and its row nothing is awaited but the group commit.
 */
import type { Event } from "../../callback/event.ts";
import type { Clock } from "../clock.ts";
import type { ClockSteps } from "../clock-steps.ts";
import type { ClockSkew } from "../cluster/clock-skew.ts";
import type { Journal } from "../journal/journal.ts";
import { unpackEvent } from "../journal/packed-event.ts";
import { dayOf, nextPosition, timeOf } from "../journal/position.ts";
import type { Progress } from "../journal/progress.ts";
import type { ProgressRecord } from "../journal/progress-record.ts";
import type { Difference, FindingsState } from "../journal/relay-record.ts";
import { type Counters, count, type Meter } from "../meter.ts";
import type { ShardStorage } from "../storage.ts";
import type { Append } from "./append.ts";
import type { DriftChange, DriftReport } from "./drift.ts";
import { type Committer, GroupCommit, type Urgency } from "./group-commit.ts";
import type { Misfit, Misfits } from "./misfits.ts";
import { duplicateWindowMs, RecentFingerprints } from "./recent.ts";

/** Commits that follow each other within this time are a burst: the pumps begin so much later. Milliseconds. */
const burstGapMs = 3;
const burstDelayMs = 8;

/** The tables that an append writes to. */
export interface IntakeTables {
  readonly journal: Journal;
  readonly progress: Progress;
  readonly misfits: Misfits;
  readonly drift: DriftReport;
  readonly clockSkew: ClockSkew;
}

/** The stages that follow. */
export interface AfterCommit {
  readonly destinations: { readonly busy: boolean };
  readonly schedule: { at(ms: number): void };
  readonly watchdog: { arm(): void };
  /** Hears that events were written. */
  readonly tail: { committed(): void };
  readonly relay: {
    /** The findings so far. A commit that fails takes back its own. */
    readonly findings: FindingsState;
    restore(findings: FindingsState): void;
    quarantined(command: string, event: Pick<Event, "id" | "issues">): void;
    drifted(difference: Difference): void;
    counted(tally: Counters): void;
  };
}

export class Intake implements Committer<Append> {
  readonly #tables: IntakeTables;
  readonly #storage: ShardStorage;
  readonly #next: AfterCommit;
  readonly #clockSteps: ClockSteps;
  readonly #meter: Meter;
  readonly #clock: Clock;
  readonly #recent = new RecentFingerprints();
  readonly #groupCommit: GroupCommit<Append>;
  #committedAt = 0;

  constructor(
    tables: IntakeTables,
    storage: ShardStorage,
    next: AfterCommit,
    clockSteps: ClockSteps,
    meter: Meter,
    clock: Clock,
  ) {
    this.#tables = tables;
    this.#storage = storage;
    this.#next = next;
    this.#clockSteps = clockSteps;
    this.#meter = meter;
    this.#clock = clock;
    this.#groupCommit = new GroupCommit(this, clock);
    const since = clock.now() - duplicateWindowMs;
    for (const { at, fingerprints } of tables.journal.fingerprintsSince(since))
      this.#recent.load(fingerprints, at);
  }

  /** For how long duplicates are recognised now, milliseconds. */
  get recognisesFor(): number {
    return this.#recent.reaches(this.#clock.now());
  }

  /**
   * Keeps an event. Resolves when it is written. Fails if it cannot be kept: then its Worker takes back the counts that
   * came with it, and hands them over again.
   */
  async append(append: Append, urgency: Urgency = append.patient ? "low" : "normal"): Promise<void> {
    const { marks: fingerprints, tally = {} } = append;
    const now = this.#clock.now();
    const duplicate = this.#recent.find(fingerprints, now);
    // A before-callback is counted as soon as it is answered: its commit comes later.
    this.#meter.add(tally);
    try {
      if (!duplicate)
        return await this.#recent.add(fingerprints, now, this.#groupCommit.add(append, urgency));
      await duplicate;
      this.#meter.count("duplicates");
      this.#next.relay.counted(tally);
    } catch (error) {
      this.#meter.subtract(tally);
      throw error;
    }
  }

  /** Delays no commit from now on; resolves when every event that came is written. */
  flush(): Promise<void> {
    return this.#groupCommit.flush();
  }

  /**
   * Writes the events of one group commit, and in the same rows what they show. If that fails, all is as it was before.
   */
  commit(events: Append[]): void {
    const counts: Counters = {};
    count(counts, "received", events.length);
    this.#commit(events, counts);
  }

  /** Writes relay events, which no request has brought. */
  tell(events: Append[]): void {
    const counts: Counters = {};
    count(counts, "told", events.length);
    this.#commit(events, counts);
  }

  sync(): Promise<void> {
    return this.#storage.sync();
  }

  #commit(events: Append[], counted: Counters): void {
    const { journal, progress, misfits, drift } = this.#tables;
    const { relay } = this.#next;
    const now = this.#clock.now();
    this.#clockSteps.look();
    this.#storage.mustBeWhole();
    const misfitting = misfitsOf(events);
    const differing = drift.counting(differencesOf(events), now);
    for (const { command } of misfitting) count(counted, `quarantined:${command}`);
    this.#meter.add(counted);
    const { findings } = relay;
    this.#tell(events, differing.fresh);
    const record = progress.take();
    try {
      this.#write(events, misfitting, differing, record, now);
      differing.keep();
      progress.written();
    } catch (error) {
      progress.giveBack(record);
      this.#meter.subtract(counted);
      relay.restore(findings);
      this.#storage.writeFailed(error);
      if (misfitting.length > 0) misfits.load(journal.days);
      throw error;
    }
    // The answers go out first, because Tencent waits for them. And a sequential sender does not compete with the posts
    // of its last event.
    if (this.#next.destinations.busy)
      this.#next.schedule.at(now - this.#committedAt < burstGapMs ? now + burstDelayMs : now);
    this.#committedAt = now;
    this.#next.watchdog.arm();
    this.#next.tail.committed();
  }

  #tell(events: readonly Append[], fresh: readonly Difference[]): void {
    const { relay } = this.#next;
    for (const { command, misfit, tally, head, body } of events) {
      if (misfit) relay.quarantined(command, unpackEvent(JSON.parse(head), body));
      if (tally) relay.counted(tally);
    }
    for (const difference of fresh) relay.drifted(difference);
  }

  #write(
    events: Append[],
    misfitting: Misfit[],
    differing: DriftChange,
    record: ProgressRecord,
    now: number,
  ): void {
    const { journal, misfits, clockSkew } = this.#tables;
    const append = () => journal.append(events, record, now, this.#storage);
    const next = nextPosition(journal.end - 1, now);
    // The rows of the events come last: nothing can fail once they are written.
    const [first, end] = [timeOf(next), timeOf(next + events.length) + 1];
    for (const { receivedAt } of events) clockSkew.widen(Math.max(receivedAt - first, end - receivedAt));
    if (misfitting.length + differing.rows === 0) append();
    else
      this.#storage.tryAtomically(() => {
        differing.write();
        if (misfitting.length > 0) misfits.count(dayOf(next), misfitting);
        append();
      });
  }
}

function differencesOf(events: Append[]): Difference[] {
  return events.flatMap(({ command = "", drift = [] }) => drift.map((one) => ({ command, ...one })));
}

function misfitsOf(events: Append[]): Misfit[] {
  return events.flatMap(({ command = "", misfit: paths }) => (paths ? [{ command, paths }] : []));
}
