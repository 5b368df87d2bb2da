/**
 * A shard: one Durable Object that holds part of the events and sends them on. This class is thin: it joins the
 * journal, the retry list and the pumps to the platform's calls, timers and alarm.
 *
 * Everything resumes from rows: an eviction, a deploy or a crash costs repeated attempts at most.
 */
import { DurableObject } from "cloudflare:workers";
import type { Drift } from "../callback/drift.ts";
import type { Event } from "../callback/event.ts";
import { type Config, readConfig, readOtherRules } from "../config.ts";
import { parseJson } from "../rule/json.ts";
import { version } from "../version.ts";
import { type CountedDrift, DriftReport } from "./append/drift.ts";
import { GroupCommit } from "./append/group-commit.ts";
import { type CountedMisfit, type Misfit, Misfits } from "./append/misfits.ts";
import { duplicateWindowMs, RecentFingerprints } from "./append/recent.ts";
import { Coordinator, type Steering } from "./cluster/coordinator.ts";
import { type ClusterState, ShardMetadata } from "./cluster/metadata.ts";
import { shardIndex, shardName } from "./cluster/shards.ts";
import { Journal } from "./journal/journal.ts";
import { type CountedMinute, countedMinutes } from "./journal/minutes.ts";
import { dayOf, endOfDay, nextPosition, positionAt, timeOf } from "./journal/position.ts";
import { countedByAsking, ProgressEncoder } from "./journal/progress-encoder.ts";
import {
  type Arrived,
  type DeliveryNote,
  type PackedEvent,
  type ProgressRecord,
  packEvent,
} from "./journal/segment.ts";
import { type Counters, count, metered } from "./meter.ts";
import { type Attempt, unpackAttempts } from "./pump/attempts.ts";
import { Sender } from "./pump/courier.ts";
import { type DestinationReport, Destinations } from "./pump/destinations.ts";
import type { Pump } from "./pump/pump.ts";
import { RetryList } from "./pump/retry-list.ts";
import { type DeadLetterKey, type Settled, SettledDeliveries } from "./pump/settled.ts";
import {
  breathe,
  type EventDetail,
  type EventPage,
  EventQueries,
  type EventQuery,
  type Fit,
} from "./query/event-queries.ts";
import { Schedule } from "./schedule.ts";

/** An event with work left is looked after again within this time, whatever happens to the object. */
const watchdogMs = 30_000;

/** Where commits follow each other within this time, posts begin together, so much later. Milliseconds. */
const hurryMs = 3;
const breatherMs = 8;

/** How often at most to look whether a day must go. Milliseconds. */
const daysWatchedEveryMs = 1_000;

/** How long news waits for a segment to go with before it gets a row of its own. */
const newsWaitsMs = 1_000;

/** How long to wait when a call to ourselves has failed. */
const callAgainMs = 2_000;

/** Posts of one invocation. The free plan allows 50 subrequests, and every plan 32 calls of other Workers. */
const postsPerInvocation = 24;

/** Bodies of posts under way: an isolate has 128 MB for everything. Characters. */
const mostUnderway = 8_000_000;

/** How far the clock may be set back before waits are corrected. Milliseconds. */
const clockTolerance = 1_000;

/** Dead letters that are queued again in one turn. */
const lettersATurn = 50;

/** How long a stop waits for the posts under way, and how long nothing is sent after it. Milliseconds. */
const stopWithin = 5_000;
const stopLasts = 30_000;

/** Within this time a new shard has heard from shard 0, where all is well. Milliseconds. */
const birthTakes = 5_000;

/** How often at most a report of health tries whether the storage can be written. Milliseconds. */
const probedEvery = 60_000;

/** An object holds 10 GB. */
const fullBytes = 8e9;
const nearlyFullBytes = 6e9;

/** What the Worker hands over: an event, with fingerprints of its own, so that a repeated append is kept once. */
export interface Append extends Arrived {
  command: string;
  /** Nobody waits for it. */
  patient?: boolean;
  /** For shards of the version before, which looked for loops by it. */
  host?: string;
  /** How it differs from what is documented. */
  drift?: Drift[];
  /** Of a quarantined event: the paths of its issues, indexes folded. */
  misfit?: string[];
  /** What the Worker has counted since it last handed something over. */
  tally?: Counters;
}

/** As Workers handed it over before events were packed: an old one may run on while another is deployed. */
type Unpacked = Omit<Append, keyof PackedEvent | "command"> & { event: Event };

function packed(handed: Unpacked): Append {
  return { ...handed, ...packEvent(handed.event), command: handed.event.command };
}

/** A dead letter and the id of its event. */
export type DeadLetter = Omit<Settled, "attempts"> & { event: string; attempts: Attempt[] };

type Gathered = Arrived & { command?: string; misfit?: string[] };

export class Shard extends DurableObject<Env> {
  readonly #index: number;
  readonly #config: Config;
  readonly #counters: Counters = {};
  readonly #journal: Journal;
  readonly #retries: RetryList;
  readonly #settled: SettledDeliveries;
  readonly #standing: ShardMetadata;
  readonly #agreement: Coordinator;
  readonly #drift: DriftReport;
  readonly #account: ProgressEncoder;
  #misfits: Misfits;
  readonly #destinations: Destinations;
  readonly #reading: EventQueries;
  readonly #recent = new RecentFingerprints();
  readonly #gathering: GroupCommit;
  readonly #wakeUps: Schedule;
  /** What the next row tells. */
  #delivered: DeliveryNote[] = [];
  #changed = false;
  #committedAt = 0;
  #watchedDaysAt = 0;
  #newsTimer: ReturnType<typeof setTimeout> | null = null;
  #postsLeft = postsPerInvocation;
  #goingOn = false;
  #posts = 0;
  #charactersUnderway = 0;
  #awaitsRoom = false;
  /** Until then nothing is sent: the process ends. Unix milliseconds. */
  #stoppedUntil = 0;
  #allPosted: PromiseWithResolvers<void> | null = null;
  /** Memory and rows may differ: nothing more is written before the object has started again. */
  #broken = false;
  /** When the clock was last looked at, Unix milliseconds. */
  #seenAt: number;
  readonly #startedAt = Date.now();
  #wroteAt = 0;
  #writeFailed = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const sql = metered(ctx.storage.sql, this.#counters);
    this.#index = shardIndex(ctx.id.name ?? "");
    this.#config = readConfig(env);
    this.#journal = new Journal(sql);
    this.#retries = new RetryList(sql);
    this.#settled = new SettledDeliveries(sql);
    this.#standing = new ShardMetadata(sql);
    this.#drift = new DriftReport(sql);
    this.#wakeUps = new Schedule(
      ctx.storage,
      () => this.drain(),
      () => count(this.#counters, "rowsWritten"),
    );
    this.#agreement = new Coordinator(
      this.#index,
      this.#config.shards,
      this.#standing,
      (shard) => this.#stub(shard),
      (resumed) => this.#agreed(resumed),
    );
    this.#gathering = new GroupCommit(
      (arrived) => this.#commit(arrived),
      () => ctx.storage.sync(),
    );
    this.#misfits = new Misfits(sql, this.#journal.days);
    const { destinations, counters = {}, at } = this.#journal.latestProgress();
    this.#count(counters);
    this.#account = new ProgressEncoder(counters);
    this.#seenAt = at ?? timeOf(Math.max(0, this.#journal.end - 1));
    const dispatch = new Sender((message) => ctx.exports.Courier.post(message), this.#config.secrets);
    this.#destinations = new Destinations(sql, this.#config, this.#standing, destinations, {
      journal: this.#journal,
      retries: this.#retries,
      settled: this.#settled,
      sender: () => ({ version, id: this.#standing.agreed.id ?? null }),
      shards: () => this.#agreement.shards,
      now: Date.now,
      random: Math.random,
      atomically: (write) => this.#atomically(write),
      post: async (message) => {
        this.#postsLeft--;
        this.#posts++;
        this.#charactersUnderway += message.body.length;
        try {
          return await dispatch.post(message);
        } finally {
          this.#posted(message.body.length);
        }
      },
      mayPost: () => this.#mayPost(),
      waits: () => this.#agreement.uninitialized,
      wake: (at) => this.#wakeUps.at(at),
      changed: (note) => this.#note(note),
      count: (name, times) => count(this.#counters, name, times),
      failed: (error) => this.#restart(error),
      disable: (name) => ctx.waitUntil(this.#agreement.disable(name).finally(() => this.#watch())),
    });
    this.#reading = new EventQueries({
      journal: this.#journal,
      retries: this.#retries,
      settled: this.#settled,
      pumps: this.#destinations.pumps,
      untold: () => this.#delivered,
      drift: () => this.#standing.drift,
    });
    // From first sight, even if its rule goes again before any event comes.
    if (this.#destinations.unseen) this.#tell();
    const since = Date.now() - duplicateWindowMs;
    for (const { at, marks } of this.#journal.fingerprintsSince(since)) this.#recent.load(marks, at);
    ctx.blockConcurrencyWhile(async () => {
      await this.#wakeUps.load();
      this.#lookAtClock();
      this.#run();
      if (this.#agreement.uninitialized) ctx.waitUntil(this.#agreement.tell().catch(() => this.#watch()));
    });
  }

  /**
   * Keeps an event, or recognises it as one that is kept. Answers when that is durable: the runtime holds the
   * answer back until then. Fails if it cannot be kept.
   */
  async append(handed: Append | Unpacked, hold?: "none"): Promise<void> {
    const append = "event" in handed ? packed(handed) : handed;
    const { marks, command, patient, drift = [], tally = {} } = append;
    this.#newInvocation();
    this.#count(tally);
    const now = Date.now();
    const same = this.#recent.find(marks, now);
    if (same) {
      count(this.#counters, "duplicates");
      return same;
    }
    for (const one of drift) this.#drift.count(command, one, now);
    const keeping = this.#gathering.add(append, hold ?? (patient ? "long" : "short"));
    try {
      await this.#recent.add(marks, now, keeping);
    } catch (error) {
      // The Worker takes back what it had counted, and hands it over again.
      for (const [name, times] of Object.entries(tally)) count(this.#counters, name, -times);
      throw error;
    }
  }

  /** Keeps several, which are held for no more. If one of them cannot be kept, it fails, though others may be kept. */
  async appendAll(appends: readonly Append[]): Promise<void> {
    await Promise.all(appends.map((append) => this.append(append, "none")));
  }

  /** Adds to what is counted. */
  add(tally: Counters): void {
    this.#count(tally);
    if (Object.keys(tally).some((name) => !countedByAsking.has(name))) this.#note();
  }

  #count(tally: Counters): void {
    for (const [name, times] of Object.entries(tally)) count(this.#counters, name, times);
  }

  /** What was counted, and is written down: a sum that was told once never falls. */
  counters(): Counters {
    if (this.#account.isBehind(this.#counters)) this.#tell();
    return { ...this.#account.counters };
  }

  /** What was counted in each of the last minutes, oldest first. */
  minutes(minutes: number): CountedMinute[] {
    return countedMinutes(this.#counters, Date.now(), minutes, (position) =>
      this.#journal.progressBefore(position),
    );
  }

  drift(): CountedDrift[] {
    return this.#drift.all;
  }

  /** Goes on sending, in an invocation of its own. */
  drain(): void {
    this.#newInvocation();
    this.#run();
  }

  override async alarm(): Promise<void> {
    this.#count({ alarms: 1, shardRequests: 1 });
    this.#wakeUps.fired();
    this.drain();
    for (const step of [() => this.#expire(), () => this.#agreement.tell()])
      try {
        await step();
      } catch (error) {
        console.error({ at: "alarm", shard: this.#index, error: String(error) });
      }
    this.#run();
  }

  /** How many shards there are. Shard 0 knows, and learns here that there shall be more. */
  join(shards: number): Promise<ClusterState> {
    return this.#agreement.join(shards).finally(() => this.#watch());
  }

  /** Shard 0's: pauses or resumes a destination everywhere. Shards that cannot be told now are told later. */
  steer(destination: string, action: Steering): Promise<void> {
    return this.#agreement.steer(destination, action).finally(() => this.#watch());
  }

  /** Takes over what shard 0 has decided. */
  async learn(agreed: ClusterState): Promise<void> {
    this.#agreement.learn(agreed);
  }

  events(query: EventQuery): Promise<EventPage> {
    return this.#reading.page(query, Date.now() - this.#config.retentionMs);
  }

  event(id: string): EventDetail | null {
    return this.#reading.detail(id, Date.now() - this.#config.retentionMs);
  }

  /**
   * Which rules fit the last events, and which would.
   * @param request of `POST /api/rules/test`, whose `rules` were found right
   */
  fits(request: string, last: number): Promise<Fit[]> {
    const { rules } = parseJson(request || "{}") as { rules?: unknown };
    const now = this.#config.rules.rules;
    const then = rules === undefined ? now : readOtherRules(this.env, "rules", rules).rules;
    return this.#reading.fits(now, then, last, Date.now() - this.#config.retentionMs);
  }

  /**
   * Queues an event for destinations, whether they had it or not; null: for those whose rule it fits, but for
   * the ones left out. Answers for how many it will be sent; null if there is no such event.
   */
  replay(id: string, named: readonly string[] | null, except: readonly string[]): number | null {
    this.#newInvocation();
    const now = Date.now();
    const entry = this.#reading.find(id, now - this.#config.retentionMs);
    if (!entry) return null;
    const pumps = this.#sendable(except).filter(({ rule }) =>
      named ? named.includes(rule.name) : rule.matches(entry.event),
    );
    this.#atomically(() => {
      for (const pump of pumps) pump.requeue(entry, now);
    });
    this.#wakeUps.alarmBy(now + watchdogMs);
    this.#run();
    return pumps.length;
  }

  /** Destinations that will be sent what is queued for them. */
  #sendable(except: readonly string[]): Pump[] {
    return [...this.#destinations.pumps.values()].filter(
      ({ rule }) => rule.enabled && !except.includes(rule.name),
    );
  }

  /** Dead letters before a place, newest event first; their attempts without the answers. */
  deadLetters(before: DeadLetterKey, destination: string | null, limit: number): DeadLetter[] {
    return this.#settled.dead(before, destination, limit).flatMap((place) => {
      const entry = this.#journal.at(place.position);
      const letter = this.#settled.of(place.position).find((one) => one.destination === place.destination);
      if (!entry || !letter) return [];
      const attempts = unpackAttempts(letter.attempts).map((attempt) => ({ ...attempt, response: null }));
      return [{ ...letter, attempts, event: entry.event.id }];
    });
  }

  /**
   * Queues dead letters again: those of some destinations, of these events, or all, but of the destinations left out.
   * Those of a destination that will be sent nothing stay dead letters. Answers how many are queued.
   */
  async replayDeadLetters(
    destinations: readonly string[] | string | null,
    ids: readonly string[] | null,
    except: readonly string[],
  ): Promise<number> {
    const named = destinations === null ? null : [destinations].flat();
    const pumps = new Map(
      this.#sendable(except)
        .filter(({ rule }) => named === null || named.includes(rule.name))
        .map((pump) => [pump.rule.name, pump]),
    );
    let queued = 0;
    for await (const places of this.#deadLetters(ids)) {
      const now = Date.now();
      this.#newInvocation();
      this.#atomically(() => {
        for (const { destination, position } of places) {
          const pump = pumps.get(destination);
          if (!pump) continue;
          pump.requeueDead(position, now);
          queued++;
        }
      });
      this.#wakeUps.alarmBy(now + watchdogMs);
      this.#run();
    }
    return queued;
  }

  /** Dead letters in turns, all or those of some events. */
  async *#deadLetters(ids: readonly string[] | null): AsyncIterable<readonly DeadLetterKey[]> {
    for (const id of new Set(ids)) {
      const position = this.#reading.find(id, 0)?.position;
      if (position !== undefined) yield this.#settled.deadBetween(position, position);
    }
    if (ids) return;
    let before: DeadLetterKey = { position: Number.MAX_SAFE_INTEGER, destination: "" };
    for (;;) {
      const page = this.#settled.dead(before, null, lettersATurn);
      const last = page.at(-1);
      if (!last) return;
      yield page;
      before = last;
      await breathe();
    }
  }

  /** Where every destination stands on this shard. */
  destinations(): DestinationReport[] {
    return this.#destinations.reports();
  }

  /** Kept events that are quarantined, by command and path of an issue. */
  quarantined(): CountedMisfit[] {
    return this.#misfits.all;
  }

  /**
   * Forgets a name that no rule has any more, with all that waits for it. Answers how many events that are, dead
   * letters among them; 0 for a name that a rule has.
   */
  async forget(name: string): Promise<number> {
    const events = await this.#destinations.countFor(name, breathe);
    if (events !== null) this.#drop(name);
    return events ?? 0;
  }

  #drop(name: string): void {
    this.#atomically(() => {
      this.#destinations.drop(name);
      this.#tell();
    });
  }

  /** Before the process ends: sends nothing more, lets the posts under way end, and writes down what has happened. */
  async stop(): Promise<void> {
    this.#stoppedUntil = Date.now() + stopLasts;
    await this.#gathering.hurry();
    if (this.#posts > 0) {
      this.#allPosted ??= Promise.withResolvers();
      await Promise.race([this.#allPosted.promise, scheduler.wait(stopWithin)]);
    }
    this.#tell();
    await this.ctx.storage.sync();
  }

  /** Sentences about what is wrong on this shard. */
  problems(): string[] {
    const problems: string[] = [];
    if (!this.#canWrite())
      problems.push(
        `shard ${this.#index} cannot write to its storage, which may be full: events are refused until it can`,
      );
    if (this.#agreement.uninitialized && Date.now() - this.#startedAt > birthTakes)
      problems.push(`shard ${this.#index} sends nothing before shard 0 has told it what is paused`);
    const size = this.ctx.storage.sql.databaseSize;
    if (size > nearlyFullBytes)
      problems.push(
        `shard ${this.#index} holds ${(size / 1e9).toFixed(1)} GB; at 8 GB it drops its oldest day early`,
      );
    if (this.#config.shards < this.#standing.agreed.shards)
      problems.push(
        `SHARDS is lower than before and is ignored: there are ${this.#standing.agreed.shards} shards`,
      );
    return problems;
  }

  /** A full disk shows when something is written, and only then: a row is, where none was for long or the last failed. */
  #canWrite(): boolean {
    if (!this.#writeFailed && Math.abs(Date.now() - this.#wroteAt) < probedEvery) return true;
    try {
      this.#tell();
      return true;
    } catch (error) {
      console.error({ at: "storage", shard: this.#index, error: String(error) });
      return false;
    }
  }

  #news(alone: boolean): ProgressRecord {
    if (this.#broken) throw new Error("starts again from its rows");
    const delivered = this.#delivered;
    this.#delivered = [];
    this.#changed = false;
    return this.#account.next(this.#destinations.states, delivered, this.#counters, alone, Date.now());
  }

  /** Writes down what has happened, in a row of its own. */
  #tell(): void {
    const news = this.#news(true);
    try {
      this.#journal.note(news, Date.now());
      this.#written();
    } catch (error) {
      this.#unwritten(news);
      throw error;
    }
  }

  #written(): void {
    this.#wroteAt = Date.now();
    this.#writeFailed = false;
  }

  /** What a row that could not be written would have told is told by the next. */
  #unwritten({ delivered }: ProgressRecord): void {
    this.#writeFailed = true;
    this.#delivered.unshift(...delivered);
    this.#account.lost();
  }

  #commit(arrived: Gathered[]): void {
    const now = Date.now();
    this.#lookAtClock();
    const misfits = arrived.flatMap(({ command = "", misfit: paths }): Misfit[] =>
      paths ? [{ command, paths }] : [],
    );
    const counted = [
      ["received", arrived.length] as const,
      ...misfits.map(({ command }) => [`quarantined:${command}`, 1] as const),
    ];
    for (const [name, times] of counted) count(this.#counters, name, times);
    const news = this.#news(false);
    const atomically = (write: () => void) => this.ctx.storage.transactionSync(write);
    const append = () => this.#journal.append(arrived, news, now, atomically);
    try {
      if (misfits.length === 0) append();
      else
        atomically(() => {
          this.#misfits.count(dayOf(nextPosition(this.#journal.end - 1, now)), misfits);
          append();
        });
      const keptAt = timeOf(this.#journal.end);
      for (const { receivedAt } of arrived) this.#standing.widenClockSkew(Math.abs(keptAt - receivedAt));
    } catch (error) {
      for (const [name, times] of counted) count(this.#counters, name, -times);
      if (misfits.length > 0) this.#misfits = new Misfits(this.ctx.storage.sql, this.#journal.days);
      this.#unwritten(news);
      throw error;
    }
    this.#written();
    // The answers go out first: Tencent waits for them. And a sender that sends one callback after the other does not
    // find the last one's post in the way of each.
    if (this.#destinations.busy) this.#wakeUps.at(now - this.#committedAt < hurryMs ? now + breatherMs : now);
    this.#committedAt = now;
    this.#watch();
  }

  #note(note?: DeliveryNote): void {
    if (note) this.#delivered.push(note);
    this.#changed = true;
    this.#newsTimer ??= setTimeout(() => {
      this.#newsTimer = null;
      if (!this.#changed) return;
      try {
        this.#tell();
      } catch (error) {
        this.#restart(error);
      }
    }, newsWaitsMs);
  }

  /** Where the clock was set back, every wait that is told by a time is moved along. */
  #lookAtClock(): void {
    const now = Date.now();
    const back = this.#seenAt - now;
    this.#seenAt = now;
    if (back <= clockTolerance) return;
    console.warn({ at: "clock set back", shard: this.#index, ms: back });
    this.#atomically(() => {
      this.#destinations.setBack(back);
      this.#tell();
    });
    this.#wakeUps.at(now);
  }

  /** Something holds on all shards that did not. */
  #agreed(resumed: readonly string[]): void {
    this.#destinations.lift(resumed);
    this.drain();
  }

  #run(): void {
    try {
      this.#destinations.run();
      this.#watch();
    } catch (error) {
      this.#restart(error);
    }
  }

  /** Several statements that are one. If they fail, memory may tell of them all the same. */
  #atomically(write: () => void): void {
    if (this.#broken) throw new Error("starts again from its rows");
    try {
      this.ctx.storage.transactionSync(write);
    } catch (error) {
      this.#restart(error);
      throw error;
    }
  }

  /** What went wrong while sending fails no caller: the object starts again from its rows. */
  #restart(error: unknown): void {
    if (this.#broken) return;
    this.#broken = true;
    console.error({
      at: "shard",
      shard: this.#index,
      error: error instanceof Error ? error.stack : String(error),
    });
    this.#wakeUps.alarmBy(Date.now() + watchdogMs);
    const written = this.ctx.storage.sync().catch(() => {});
    this.ctx.waitUntil(written.then(() => this.ctx.abort("starts again from its rows")));
  }

  #newInvocation(): void {
    this.#postsLeft = postsPerInvocation;
    this.#lookAtClock();
  }

  #posted(characters: number): void {
    this.#posts--;
    this.#charactersUnderway -= characters;
    if (this.#posts === 0) this.#allPosted?.resolve();
    if (!this.#awaitsRoom) return;
    this.#awaitsRoom = false;
    this.#wakeUps.at(Date.now());
  }

  #mayPost(): boolean {
    if (this.#broken) return false;
    if (Date.now() < this.#stoppedUntil) {
      this.#wakeUps.alarmBy(this.#stoppedUntil);
      return false;
    }
    if (this.#charactersUnderway >= mostUnderway) {
      this.#awaitsRoom = true;
      return false;
    }
    if (this.#postsLeft > 0) return true;
    if (!this.#goingOn) {
      this.#goingOn = true;
      this.ctx.waitUntil(
        this.#stub(this.#index)
          .drain()
          .catch(() => this.#wakeUps.at(Date.now() + callAgainMs))
          .finally(() => {
            this.#goingOn = false;
          }),
      );
    }
    return false;
  }

  /** Sees to it that the alarm fires when it must: soon while there is work, else when the oldest day is over. */
  #watch(): void {
    const now = Date.now();
    const unfinished = this.#wakeUps.soon || this.#changed || this.#agreement.unfinished;
    if (unfinished || this.#destinations.busy || this.#destinations.awaitsRules)
      this.#wakeUps.alarmBy(now + watchdogMs);
    // Asking for the size costs as much as a statement.
    if (this.#wakeUps.armed && Math.abs(now - this.#watchedDaysAt) < daysWatchedEveryMs) return;
    this.#watchedDaysAt = now;
    const [oldest, ...later] = this.#journal.days;
    if (this.#full && later.length > 0) this.#wakeUps.alarmBy(now);
    if (oldest)
      this.#wakeUps.alarmBy(Math.max(now + 60_000, timeOf(endOfDay(oldest)) + this.#config.retentionMs));
  }

  get #full(): boolean {
    return this.ctx.storage.sql.databaseSize > fullBytes;
  }

  /** Drops the days that are over; moves every cursor behind them first. */
  async #expire(): Promise<void> {
    for (;;) {
      const now = Date.now();
      for (const name of this.#destinations.outlived(now)) this.#drop(name);
      const gone = positionAt(now - this.#config.retentionMs);
      const [oldest, ...later] = this.#journal.days;
      if (!oldest || (endOfDay(oldest) > gone && !(this.#full && later.length > 0))) return;
      try {
        const losses = await this.#destinations.countLosses(oldest, breathe);
        while (this.#dropRetries(oldest)) await breathe();
        this.#atomically(() => {
          this.#destinations.forget(oldest, losses);
          this.#tell();
          this.#journal.drop(oldest);
          this.#misfits.drop(oldest);
        });
      } finally {
        this.#destinations.thaw();
      }
      console.log({ at: "day dropped", shard: this.#index, day: oldest, early: endOfDay(oldest) > gone });
      await breathe();
    }
  }

  #dropRetries(day: string): boolean {
    let dropped = false;
    this.#atomically(() => {
      dropped = this.#destinations.forgetRetries(day);
      if (dropped) this.#tell();
    });
    return dropped;
  }

  /** For one request. */
  #stub(shard: number): DurableObjectStub<Shard> {
    count(this.#counters, "shardRequests");
    return this.env.SHARD.getByName(shardName(shard));
  }
}
