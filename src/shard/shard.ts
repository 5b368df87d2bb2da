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
import { Agreement, type Steering } from "./agreement.ts";
import { Dispatch } from "./courier.ts";
import { type DestinationReport, Destinations } from "./destinations.ts";
import { type CountedDrift, DriftReport } from "./drift.ts";
import { Gathering } from "./gathering.ts";
import { Journal } from "./journal.ts";
import { type Counters, count, metered } from "./meter.ts";
import { type CountedMinute, countedMinutes } from "./minutes.ts";
import { endOfDay, positionAt, timeOf } from "./position.ts";
import { type EventDetail, type EventPage, type EventQuery, type Fit, Reading } from "./reading.ts";
import { duplicateWindow, RecentMarks } from "./recent.ts";
import { RetryList } from "./retry-list.ts";
import { type Arrived, type DeliveryNote, type News, type PackedEvent, packEvent } from "./segment.ts";
import { type DeadLetterPlace, type Settled, SettledDeliveries } from "./settled.ts";
import { shardIndex, shardName } from "./shards.ts";
import { type Agreed, Standing } from "./standing.ts";
import { WakeUps } from "./wake-ups.ts";

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

/** An object holds 10 GB. */
const fullBytes = 8e9;
const nearlyFullBytes = 6e9;

/** What the Worker hands over: an event, with fingerprints of its own, so that a repeated append is kept once. */
export interface Append extends Arrived {
  command: string;
  /** Nobody waits for it. */
  patient?: boolean;
  /** The host under which the callback came. */
  host: string;
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

/** Events that are kept and quarantined for this issue. */
export interface CountedMisfit {
  command: string;
  path: string;
  count: number;
}

/** A dead letter and the id of its event. */
export type DeadLetter = Settled & { event: string };

export class Shard extends DurableObject<Env> {
  readonly #index: number;
  readonly #config: Config;
  readonly #counters: Counters = {};
  readonly #journal: Journal;
  readonly #retries: RetryList;
  readonly #settled: SettledDeliveries;
  readonly #standing: Standing;
  readonly #agreement: Agreement;
  readonly #drift: DriftReport;
  readonly #destinations: Destinations;
  readonly #reading: Reading;
  readonly #recent = new RecentMarks();
  readonly #gathering: Gathering;
  readonly #wakeUps: WakeUps;
  /** What the next segment tells. */
  #delivered: DeliveryNote[] = [];
  #changed = false;
  #committedAt = 0;
  #watchedDaysAt = 0;
  #newsTimer: ReturnType<typeof setTimeout> | null = null;
  #postsLeft = postsPerInvocation;
  #goingOn = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const sql = metered(ctx.storage.sql, this.#counters);
    this.#index = shardIndex(ctx.id.name ?? "");
    this.#config = readConfig(env);
    this.#journal = new Journal(sql);
    this.#retries = new RetryList(sql);
    this.#settled = new SettledDeliveries(sql);
    this.#standing = new Standing(sql);
    this.#drift = new DriftReport(sql);
    this.#wakeUps = new WakeUps(
      ctx.storage,
      () => this.drain(),
      () => count(this.#counters, "rowsWritten"),
    );
    this.#agreement = new Agreement(
      this.#index,
      this.#config.shards,
      this.#standing,
      (shard) => this.#stub(shard),
      () => this.drain(),
    );
    this.#gathering = new Gathering(
      (arrived) => this.#commit(arrived),
      () => ctx.storage.sync(),
    );
    const { destinations, counters = {} } = this.#journal.latestNews();
    this.add(counters);
    const dispatch = new Dispatch((message) => ctx.exports.Courier.post(message));
    this.#destinations = new Destinations(sql, this.#config, this.#standing, destinations, {
      journal: this.#journal,
      retries: this.#retries,
      settled: this.#settled,
      version,
      shards: () => this.#agreement.shards,
      now: Date.now,
      random: Math.random,
      post: (message) => {
        this.#postsLeft--;
        return dispatch.post(message);
      },
      mayPost: () => this.#mayPost(),
      waits: () => this.#agreement.unborn,
      wake: (at) => this.#wakeUps.at(at),
      changed: (note) => this.#note(note),
      count: (name, times) => count(this.#counters, name, times),
      failed: (error) => this.#restart(error),
      disable: (name) => ctx.waitUntil(this.#agreement.disable(name).finally(() => this.#watch())),
    });
    this.#reading = new Reading({
      journal: this.#journal,
      retries: this.#retries,
      settled: this.#settled,
      pumps: this.#destinations.pumps,
      untold: () => this.#delivered,
      drift: () => this.#standing.drift,
    });
    // From first sight, even if its rule goes again before any event comes.
    if (this.#destinations.unseen) this.#journal.note(this.#news(), Date.now());
    const since = Date.now() - duplicateWindow;
    for (const { at, marks } of this.#journal.marksSince(since)) this.#recent.load(marks, at);
    ctx.blockConcurrencyWhile(async () => {
      await this.#wakeUps.load();
      this.#run();
      if (this.#agreement.unborn) ctx.waitUntil(this.#agreement.tell().catch(() => this.#watch()));
    });
  }

  /**
   * Keeps an event, or recognises it as one that is kept. Answers when that is durable: the runtime holds the
   * answer back until then. Fails if it cannot be kept.
   */
  async append(handed: Append | Unpacked, hold?: "none"): Promise<void> {
    const append = "event" in handed ? packed(handed) : handed;
    const { marks, command, patient, host, drift = [], tally = {} } = append;
    this.#newInvocation();
    this.add(tally);
    const now = Date.now();
    const same = this.#recent.find(marks, now);
    count(this.#counters, same ? "duplicates" : "received");
    if (same) return same;
    if (this.#standing.reachedAs(host)) this.#destinations.findCircles();
    for (const one of drift) this.#drift.count(command, one, now);
    const keeping = this.#gathering.add(append, hold ?? (patient ? "long" : "short"));
    await this.#recent.add(marks, now, keeping);
  }

  /** Keeps several, which are held for no more. If one of them cannot be kept, it fails, though others may be kept. */
  async appendAll(appends: readonly Append[]): Promise<void> {
    await Promise.all(appends.map((append) => this.append(append, "none")));
  }

  /** Adds to what is counted. */
  add(tally: Counters): void {
    for (const [name, times] of Object.entries(tally)) count(this.#counters, name, times);
  }

  counters(): Counters {
    return this.#counters;
  }

  /** What was counted in each of the last minutes, oldest first. */
  minutes(minutes: number): CountedMinute[] {
    return countedMinutes(this.#counters, Date.now(), minutes, (position) =>
      this.#journal.newsBefore(position),
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
    this.add({ alarms: 1, shardRequests: 1 });
    this.#wakeUps.fired();
    this.drain();
    for (const step of [() => this.#expire(Date.now()), () => this.#agreement.tell()])
      try {
        await step();
      } catch (error) {
        console.error({ at: "alarm", shard: this.#index, error: String(error) });
      }
    this.#run();
  }

  /** How many shards there are. Shard 0 knows, and learns here that there shall be more. */
  join(shards: number): Promise<Agreed> {
    return this.#agreement.join(shards).finally(() => this.#watch());
  }

  /** Shard 0's: pauses or resumes a destination everywhere. Shards that cannot be told now are told later. */
  steer(destination: string, action: Steering): Promise<void> {
    return this.#agreement.steer(destination, action).finally(() => this.#watch());
  }

  /** Takes over what shard 0 has decided. */
  async learn(agreed: Agreed): Promise<void> {
    this.#agreement.learn(agreed);
  }

  events(query: EventQuery): EventPage {
    return this.#reading.page(query, Date.now() - this.#config.retentionMs);
  }

  event(id: string): EventDetail | null {
    return this.#reading.detail(id, Date.now() - this.#config.retentionMs);
  }

  /**
   * Which rules fit the last events, and which would.
   * @param request of `POST /api/rules/test`, whose `rules` were found right
   */
  fits(request: string, last: number): Fit[] {
    const { rules } = parseJson(request || "{}") as { rules?: unknown };
    const now = this.#config.rules.rules;
    const then = rules === undefined ? now : readOtherRules(this.env, "rules", rules).rules;
    return this.#reading.fits(now, then, last, Date.now() - this.#config.retentionMs);
  }

  /**
   * Queues an event for destinations, whether they had it or not; null: for those whose rule it fits, but for
   * the ones left out. Null if there is no such event.
   */
  replay(id: string, named: readonly string[] | null, except: readonly string[]): number | null {
    this.#newInvocation();
    const now = Date.now();
    const entry = this.#reading.find(id, now - this.#config.retentionMs);
    if (!entry) return null;
    const fitting = [...this.#destinations.pumps.values()].filter(({ rule }) => rule.wants(entry.event));
    const destinations =
      named ?? fitting.map(({ rule }) => rule.name).filter((name) => !except.includes(name));
    const before = this.#settled.between(entry.position, entry.position);
    for (const destination of destinations)
      this.#requeue(
        before.find((settled) => settled.destination === destination) ?? {
          position: entry.position,
          destination,
          attempts: [],
        },
        now,
      );
    this.#run();
    return destinations.length;
  }

  /** Dead letters before a place, newest event first. */
  deadLetters(before: DeadLetterPlace, destination: string | null, limit: number): DeadLetter[] {
    return this.#settled.dead(before, destination, limit).flatMap((settled) => {
      const entry = this.#journal.at(settled.position);
      return entry ? [{ ...settled, event: entry.event.id }] : [];
    });
  }

  /** Queues dead letters again: those of some destinations, of these events, or all, but of the destinations left out. */
  replayDeadLetters(
    destinations: readonly string[] | string | null,
    ids: readonly string[] | null,
    except: readonly string[],
  ): number {
    this.#newInvocation();
    const now = Date.now();
    const positions = ids && new Set(ids.map((id) => this.#reading.find(id, 0)?.position));
    let queued = 0;
    let before: DeadLetterPlace = { position: Number.MAX_SAFE_INTEGER, destination: "" };
    for (;;) {
      const page = this.#settled.dead(before, null, 500);
      for (const settled of page) {
        if (destinations !== null && ![destinations].flat().includes(settled.destination)) continue;
        if (positions && !positions.has(settled.position)) continue;
        if (except.includes(settled.destination)) continue;
        this.#requeue(settled, now);
        queued++;
      }
      const last = page.at(-1);
      if (!last) break;
      before = last;
    }
    this.#run();
    return queued;
  }

  /** Where every destination stands on this shard. */
  destinations(): DestinationReport[] {
    return this.#destinations.reports(this.#reading);
  }

  /** Kept events that are quarantined, by command and path of an issue. */
  quarantined(): CountedMisfit[] {
    return [];
  }

  /** Forgets a destination that no rule names any more; answers how many events waited for it. */
  async forget(_destination: string): Promise<number> {
    return 0;
  }

  /** Sends nothing more, lets the posts under way end, and writes down what has happened. */
  async stop(): Promise<void> {}

  /** Sentences about what is wrong on this shard. */
  problems(): string[] {
    const problems: string[] = [];
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

  #news(): News {
    const delivered = this.#delivered;
    this.#delivered = [];
    this.#changed = false;
    return { destinations: this.#destinations.states, delivered, counters: this.#counters };
  }

  #commit(arrived: Arrived[]): void {
    const now = Date.now();
    const news = this.#news();
    try {
      this.#journal.append(arrived, news, now, (write) => this.ctx.storage.transactionSync(write));
      const keptAt = timeOf(this.#journal.end);
      for (const { receivedAt } of arrived) this.#standing.drifted(Math.abs(keptAt - receivedAt));
    } catch (error) {
      this.#delivered.unshift(...news.delivered);
      throw error;
    }
    // The answers go out first: Tencent waits for them. And whoever sends one callback after the other shall not
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
      if (this.#changed) this.#journal.note(this.#news(), Date.now());
    }, newsWaitsMs);
  }

  #run(): void {
    try {
      this.#destinations.run();
      this.#watch();
    } catch (error) {
      this.#restart(error);
    }
  }

  /** What went wrong while sending fails no caller: the object starts again from its rows. */
  #restart(error: unknown): void {
    console.error({
      at: "shard",
      shard: this.#index,
      error: error instanceof Error ? error.stack : String(error),
    });
    this.#wakeUps.alarmBy(Date.now() + watchdogMs);
    this.ctx.waitUntil(this.ctx.storage.sync().then(() => this.ctx.abort("starts again from its rows")));
  }

  #newInvocation(): void {
    this.#postsLeft = postsPerInvocation;
  }

  #mayPost(): boolean {
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
    if (unfinished || this.#destinations.busy) this.#wakeUps.alarmBy(now + watchdogMs);
    // Asking for the size costs as much as a statement.
    if (this.#wakeUps.armed && now - this.#watchedDaysAt < daysWatchedEveryMs) return;
    this.#watchedDaysAt = now;
    const [oldest, ...later] = this.#journal.days;
    if (this.#full && later.length > 0) this.#wakeUps.alarmBy(now);
    if (oldest)
      this.#wakeUps.alarmBy(Math.max(now + 60_000, timeOf(endOfDay(oldest)) + this.#config.retentionMs));
  }

  get #full(): boolean {
    return this.ctx.storage.sql.databaseSize > fullBytes;
  }

  /** Queues a delivery again, now. */
  #requeue(
    { position, destination, attempts }: Pick<Settled, "position" | "destination" | "attempts">,
    now: number,
  ) {
    this.ctx.storage.transactionSync(() => {
      this.#settled.remove({ position, destination });
      this.#retries.add({ destination, due: now, positions: [position], failures: 0, attempts });
    });
    this.#destinations.pumps.get(destination)?.retryFrom(now);
    this.#wakeUps.alarmBy(now + watchdogMs);
  }

  /** Drops the days that are over; copies every cursor forward first. */
  #expire(now: number): void {
    const gone = positionAt(now - this.#config.retentionMs);
    const [oldest, ...later] = this.#journal.days;
    if (!oldest || (endOfDay(oldest) > gone && !(this.#full && later.length > 0))) return;
    this.ctx.storage.transactionSync(() => {
      this.#destinations.forget(oldest, this.#reading);
      this.#journal.note(this.#news(), now);
      this.#journal.drop(oldest);
    });
    console.log({ at: "day dropped", shard: this.#index, day: oldest, early: endOfDay(oldest) > gone });
    this.#expire(now);
  }

  /** For one request. */
  #stub(shard: number): DurableObjectStub<Shard> {
    count(this.#counters, "shardRequests");
    return this.env.SHARD.getByName(shardName(shard));
  }
}
