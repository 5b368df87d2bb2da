/**
 * A shard: one Durable Object that holds part of the events and sends them on. This class is thin: it joins the
 * journal, the retry list and the pumps to the platform's calls, timers and alarm.
 *
 * Everything resumes from rows: an eviction, a deploy or a crash costs repeated attempts at most.
 */
import { DurableObject } from "cloudflare:workers";
import type { Drift } from "../callback/drift.ts";
import type { Event } from "../callback/event.ts";
import { type Config, readConfig } from "../config.ts";
import { destinationProblem } from "../rule/destination.ts";
import { version } from "../version.ts";
import { BlockedConversations } from "./blocked.ts";
import { Dispatch } from "./courier.ts";
import { type CountedDrift, DriftReport } from "./drift.ts";
import { Gathering } from "./gathering.ts";
import { Journal } from "./journal.ts";
import { type Counters, count, metered } from "./meter.ts";
import { type CountedMinute, countedMinutes } from "./minutes.ts";
import { endOfDay, positionAt, timeOf } from "./position.ts";
import { Pump } from "./pump.ts";
import { type EventDetail, type EventPage, type EventQuery, Reading } from "./reading.ts";
import { duplicateWindow, RecentMarks } from "./recent.ts";
import { RetryList } from "./retry-list.ts";
import type { Arrived, DeliveryNote, DestinationState, News } from "./segment.ts";
import { type DeadLetterPlace, type Settled, SettledDeliveries } from "./settled.ts";
import { shardIndex, shardName } from "./shards.ts";
import type { Sql } from "./sql.ts";
import { type Agreed, Standing } from "./standing.ts";

/** An event with work left is looked after again within this time, whatever happens to the object. */
const watchdogMs = 30_000;

/** Shorter waits are timers, which cost nothing; longer ones are alarms, which survive. */
const longestTimerMs = 2_000;

/** How long news waits for a segment to go with before it gets a row of its own. */
const newsWaitsMs = 1_000;

/** Posts of one invocation. The free plan allows 50 subrequests, and every plan 32 calls of other Workers. */
const postsPerInvocation = 24;

/** An object holds 10 GB. */
const fullBytes = 8e9;
const nearlyFullBytes = 6e9;

/** What the Worker hands over. */
export interface Append {
  event: Event;
  /** Fingerprints: its own, so that a repeated append is kept once, and those of what it tells. */
  marks: number[];
  /** The host under which the callback came. */
  host: string;
  /** How it differs from what is documented. */
  drift?: Drift[];
  /** What the Worker has counted since it last handed something over. */
  tally?: Counters;
}

export interface DestinationReport {
  name: string;
  state: "up" | "open" | "paused" | "disabled";
  waiting: number;
  retrying: number;
  dead: number;
  expired: number;
  delivered: number;
  failed: number;
  /** When the oldest event was kept that waits in the log, Unix milliseconds. */
  waitingSince: number | null;
  lastSuccessAt: number | null;
  lastError: string | null;
}

/** A dead letter and the id of its event. */
export type DeadLetter = Settled & { event: string };

export class Shard extends DurableObject<Env> {
  readonly #index: number;
  readonly #config: Config;
  readonly #journal: Journal;
  readonly #retries: RetryList;
  readonly #settled: SettledDeliveries;
  readonly #standing: Standing;
  readonly #drift: DriftReport;
  readonly #reading: Reading;
  readonly #counters: Counters = {};
  readonly #recent = new RecentMarks();
  readonly #gathering: Gathering;
  readonly #dispatch: Dispatch;
  readonly #pumps = new Map<string, Pump>();
  /** Destinations whose rule is wrong or gone: they stay where they are. */
  readonly #dormant: Record<string, DestinationState> = {};
  /** Destinations that would be this gateway itself. */
  #circular = new Set<string>();
  #delivered: DeliveryNote[] = [];
  #changed = false;
  #newsTimer: ReturnType<typeof setTimeout> | null = null;
  #wakeTimer: { at: number; timer: ReturnType<typeof setTimeout> } | null = null;
  #armedFor: number | null = null;
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
    this.#dispatch = new Dispatch((messages) => ctx.exports.Courier.post(messages));
    this.#gathering = new Gathering(
      (arrived) => this.#commit(arrived),
      () => ctx.storage.sync(),
    );
    const now = Date.now();
    for (const { at, marks } of this.#journal.marksSince(now - duplicateWindow)) this.#recent.load(marks, at);
    this.#openPumps(sql);
    this.#reading = new Reading({
      journal: this.#journal,
      retries: this.#retries,
      settled: this.#settled,
      pumps: this.#pumps,
      untold: () => this.#delivered,
      drift: () => this.#standing.drift,
    });
    ctx.blockConcurrencyWhile(async () => {
      this.#armedFor = await ctx.storage.getAlarm();
      if (this.#index === 0 && !this.#standing.born) this.#standing.decide({ shards: this.#config.shards });
      this.#run();
      if (this.#unborn)
        ctx.waitUntil(
          this.#tell().then(
            () => this.#run(),
            () => this.#watch(),
          ),
        );
    });
  }

  /**
   * Keeps an event, or recognises it as one that is kept. Answers when that is durable: the runtime holds the
   * answer back until then. Fails if it cannot be kept.
   */
  async append({ event, marks, host, drift = [], tally = {} }: Append): Promise<void> {
    this.#newInvocation();
    this.add(tally);
    const now = Date.now();
    const same = this.#recent.find(marks, now);
    count(this.#counters, same ? "duplicates" : "received");
    if (event.verdict) count(this.#counters, "verdicts");
    if (same) return same;
    if (this.#standing.reachedAs(host)) this.#findCircles();
    for (const one of drift) this.#drift.count(event.command, one, now);
    const keeping = this.#gathering.add({ event, marks });
    await this.#recent.add(marks, now, keeping);
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
    this.#armedFor = null;
    this.#newInvocation();
    this.#run();
    for (const step of [() => this.#expire(Date.now()), () => this.#tell()])
      try {
        await step();
      } catch (error) {
        console.error({ at: "alarm", shard: this.#index, error: String(error) });
      }
    this.#run();
  }

  /** How many shards there are. Shard 0 knows, and learns here that there shall be more. */
  async join(shards: number): Promise<Agreed> {
    if (shards > this.#standing.agreed.shards) await this.#decide({ shards });
    return this.#standing.agreed;
  }

  /** Shard 0's: pauses or resumes a destination everywhere. Shards that cannot be told now are told later. */
  async steer(destination: string, action: "pause" | "resume" | "disable"): Promise<void> {
    const { paused, disabled } = this.#standing.agreed;
    const without = (names: string[]) => names.filter((name) => name !== destination);
    if (action === "pause") await this.#decide({ paused: [...without(paused), destination] });
    if (action === "disable") await this.#decide({ disabled: [...without(disabled), destination] });
    if (action === "resume") await this.#decide({ paused: without(paused), disabled: without(disabled) });
  }

  /** Takes over what shard 0 has decided. */
  learn(agreed: Agreed): void {
    this.#newInvocation();
    this.#standing.take(agreed);
    this.#run();
  }

  events(query: EventQuery): EventPage {
    return this.#reading.page(query, Date.now() - this.#config.retentionMs);
  }

  event(id: string): EventDetail | null {
    return this.#reading.detail(id, Date.now() - this.#config.retentionMs);
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
    const fitting = [...this.#pumps.values()].filter(({ rule }) => rule.wants(entry.event));
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

  /** Queues dead letters again: those of a destination, of these events, or all, but of the destinations left out. */
  replayDeadLetters(
    destination: string | null,
    ids: readonly string[] | null,
    except: readonly string[],
  ): number {
    this.#newInvocation();
    const now = Date.now();
    const positions = ids && new Set(ids.map((id) => this.#reading.find(id, 0)?.position));
    let queued = 0;
    let before: DeadLetterPlace = { position: Number.MAX_SAFE_INTEGER, destination: "" };
    for (;;) {
      const page = this.#settled.dead(before, destination, 500);
      for (const settled of page) {
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
    const retrying = this.#retries.counts();
    const dead = this.#settled.deadCounts();
    const { paused, disabled } = this.#standing.agreed;
    const states = this.#states();
    const names = new Set([...Object.keys(states), ...retrying.keys(), ...dead.keys()]);
    return [...names].map((name) => {
      const state = states[name];
      const pump = this.#pumps.get(name);
      const { waiting, since } = state
        ? this.#reading.backlog(state, pump ?? null)
        : { waiting: 0, since: null };
      return {
        name,
        state: disabled.includes(name)
          ? "disabled"
          : paused.includes(name)
            ? "paused"
            : pump?.open
              ? "open"
              : "up",
        waiting,
        retrying: retrying.get(name) ?? 0,
        dead: dead.get(name) ?? 0,
        expired: state?.expired ?? 0,
        delivered: state?.delivered ?? 0,
        failed: state?.failed ?? 0,
        waitingSince: since,
        lastSuccessAt: state?.lastSuccessAt ?? null,
        lastError: state?.lastError ?? null,
      };
    });
  }

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

  #openPumps(sql: Sql): void {
    const { destinations, counters = {} } = this.#journal.latestNews();
    this.add(counters);
    const { rules, waiting } = this.#config.rules;
    let unseen = false;
    const fromEnd = { cursor: this.#journal.end, underway: [] };
    const start = (name: string): DestinationState => {
      if (!Object.hasOwn(destinations, name)) {
        unseen = true;
        return fromEnd;
      }
      const { off, ...state } = destinations[name]!;
      return off ? { ...state, ...fromEnd } : state;
    };
    for (const rule of rules) {
      if (rule.kind !== "forward") continue;
      const pump: Pump = new Pump(rule, start(rule.name), {
        journal: this.#journal,
        retries: this.#retries,
        settled: this.#settled,
        blocked: new BlockedConversations(sql, rule.name),
        shards: () => Math.max(this.#config.shards, this.#standing.agreed.shards),
        version,
        now: Date.now,
        random: Math.random,
        post: (message) => {
          this.#postsLeft--;
          return this.#dispatch.post(rule.name, message);
        },
        mayPost: () => this.#mayPost(),
        held: (name) => this.#held(name),
        wake: (at) => this.#wake(at),
        changed: (note) => this.#note(note),
        count: (name, times) => count(this.#counters, name, times),
        failed: (error) => this.#restart(error),
        disable: (name) => this.#disable(name),
      });
      this.#pumps.set(rule.name, pump);
    }
    for (const name of [...waiting, ...Object.keys(destinations)])
      if (!this.#pumps.has(name)) this.#dormant[name] = start(name);
    // From first sight, even if its rule goes again before any event comes.
    if (unseen) this.#journal.note(this.#news(), Date.now());
    this.#findCircles();
  }

  /** A shard that does not know yet what is paused sends nothing. */
  get #unborn(): boolean {
    return this.#index !== 0 && !this.#standing.born;
  }

  get #full(): boolean {
    return this.ctx.storage.sql.databaseSize > fullBytes;
  }

  #held(destination: string): boolean {
    return this.#standing.held(destination) || this.#circular.has(destination) || this.#unborn;
  }

  #findCircles(): void {
    const { privateDestinations: privateNetworks } = this.#config;
    const { hosts: ownHosts } = this.#standing;
    this.#circular = new Set(
      [...this.#pumps.values()]
        .filter(({ rule }) => destinationProblem(rule.url, { privateNetworks, ownHosts }) !== null)
        .map(({ rule }) => rule.name),
    );
  }

  #states(): Record<string, DestinationState> {
    const states = { ...this.#dormant };
    for (const [name, pump] of this.#pumps) states[name] = pump.state;
    return states;
  }

  #news(): News {
    const delivered = this.#delivered;
    this.#delivered = [];
    this.#changed = false;
    return { destinations: this.#states(), delivered, counters: this.#counters };
  }

  #commit(arrived: Arrived[]): void {
    const now = Date.now();
    const news = this.#news();
    try {
      const entries = this.ctx.storage.transactionSync(() => this.#journal.append(arrived, news, now));
      for (const { position, event } of entries)
        this.#standing.drifted(Math.abs(timeOf(position) - event.receivedAt));
    } catch (error) {
      this.#delivered.unshift(...news.delivered);
      throw error;
    }
    this.#run();
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
      for (const pump of this.#pumps.values()) pump.run();
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
    this.#arm(Date.now() + watchdogMs);
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
          .catch(() => this.#wake(Date.now() + longestTimerMs))
          .finally(() => {
            this.#goingOn = false;
          }),
      );
    }
    return false;
  }

  /** Runs the pumps at a time, at the latest. */
  #wake(at: number): void {
    const now = Date.now();
    if (at - now > longestTimerMs) {
      this.#arm(at);
      return;
    }
    if (this.#wakeTimer) {
      if (this.#wakeTimer.at <= at) return;
      clearTimeout(this.#wakeTimer.timer);
    }
    const timer = setTimeout(
      () => {
        this.#wakeTimer = null;
        this.drain();
      },
      Math.max(0, at - now),
    );
    this.#wakeTimer = { at, timer };
  }

  /** The alarm only ever moves earlier. Rows written: 1 when it moves. */
  #arm(at: number): void {
    if (this.#armedFor !== null && this.#armedFor <= at) return;
    count(this.#counters, "rowsWritten");
    this.#armedFor = at;
    void this.ctx.storage.setAlarm(at);
  }

  /** Sees to it that the alarm fires when it must: soon while there is work, else when the oldest day is over. */
  #watch(): void {
    const now = Date.now();
    const busy =
      this.#wakeTimer !== null || this.#changed || this.#standing.untold.length > 0 || this.#unborn;
    if (busy || [...this.#pumps.values()].some((pump) => !pump.idle && !this.#held(pump.rule.name)))
      this.#arm(now + watchdogMs);
    if (this.#full && this.#journal.days.length > 1) this.#arm(now);
    const [oldest] = this.#journal.days;
    if (oldest) this.#arm(Math.max(now + 60_000, timeOf(endOfDay(oldest)) + this.#config.retentionMs));
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
    this.#pumps.get(destination)?.retryFrom(now);
    this.#arm(now + watchdogMs);
  }

  /** Drops the days that are over; copies every cursor forward first. */
  #expire(now: number): void {
    const gone = positionAt(now - this.#config.retentionMs);
    const [oldest, ...later] = this.#journal.days;
    if (!oldest || (endOfDay(oldest) > gone && !(this.#full && later.length > 0))) return;
    const end = endOfDay(oldest);
    this.ctx.storage.transactionSync(() => {
      for (const [name, state] of Object.entries(this.#states())) {
        const pump = this.#pumps.get(name);
        const loses = pump
          ? pump.rule.enabled && !this.#standing.agreed.disabled.includes(name)
          : this.#config.rules.waiting.includes(name);
        const { waiting } = loses ? this.#reading.backlog(state, pump ?? null, end) : { waiting: 0 };
        if (pump) pump.expire(waiting);
        else
          this.#dormant[name] = {
            ...state,
            cursor: Math.max(state.cursor, end),
            expired: (state.expired ?? 0) + waiting,
          };
      }
      const lost = [this.#retries.dropBefore(end), this.#settled.drop(oldest)];
      for (const [name, events] of lost.flatMap((counts) => [...counts]))
        this.#pumps.get(name)?.expire(events);
      for (const pump of this.#pumps.values()) pump.forget(end);
      this.#journal.note(this.#news(), now);
      this.#journal.drop(oldest);
    });
    console.log({ at: "day dropped", shard: this.#index, day: oldest, early: endOfDay(oldest) > gone });
    this.#expire(now);
  }

  async #decide(change: Partial<Omit<Agreed, "version">>): Promise<void> {
    if (!this.#standing.decide(change)) return;
    this.#newInvocation();
    this.#run();
    this.#standing.tell(Array.from({ length: this.#standing.agreed.shards - 1 }, (_, index) => index + 1));
    await this.#tell();
    this.#watch();
  }

  /** Tells others what they should know, and asks what we should; what fails is tried again by the alarm. */
  async #tell(): Promise<void> {
    if (this.#unborn) {
      const agreed = await this.#stub(0).join(this.#config.shards);
      this.#standing.take(agreed);
    }
    const { agreed, untold } = this.#standing;
    const told = await Promise.allSettled(
      untold.map(async (shard) => {
        if (shard !== 0) return this.#stub(shard).learn(agreed);
        for (const destination of agreed.disabled) await this.#stub(0).steer(destination, "disable");
      }),
    );
    this.#standing.tell(untold.filter((_, index) => told[index]!.status === "rejected"));
  }

  #disable(destination: string): void {
    if (this.#standing.held(destination)) return;
    if (this.#index === 0) return void this.ctx.waitUntil(this.steer(destination, "disable"));
    this.#standing.disable(destination);
    this.#standing.tell([0]);
    this.ctx.waitUntil(this.#tell().finally(() => this.#watch()));
  }

  /** For one request. */
  #stub(shard: number): DurableObjectStub<Shard> {
    count(this.#counters, "shardRequests");
    return this.env.SHARD.getByName(shardName(shard));
  }
}
