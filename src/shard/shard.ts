/**
 * A shard: one Durable Object that holds part of the events and sends them on. This class is the list of calls that
 * Workers and other shards may make. Each names the stages that do the work.
 *
 * Everything resumes from rows: an eviction, a deploy or a crash costs repeated attempts at most.
 */

import { DurableObject } from "cloudflare:workers";
import { type Config, readConfig, readTrialRules } from "../config.ts";
import { growsByAsking } from "../counters.ts";
import type { Exchanged, FramedRequest } from "../delivery/frame.ts";
import type { Outcome } from "../delivery/outcome.ts";
import { send } from "../delivery/send.ts";
import { configureLog } from "../log.ts";
import { parseJson } from "../rule/json.ts";
import type { Rule } from "../rule/rule.ts";
import { freshLists, listProblems } from "../rule/words/fresh-lists.ts";
import type { Sentence } from "../sentence.ts";
import { type Append, type UnpackedAppend, upgraded } from "./append/append.ts";
import type { CountedDrift } from "./append/drift.ts";
import type { CountedMisfit } from "./append/misfits.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { ClusterState } from "./cluster/cluster-state.ts";
import type { Steering } from "./cluster/coordinator.ts";
import type { RuleStanding } from "./cluster/open-ask-breakers.ts";
import { destinationMinutes } from "./destination-minutes.ts";
import type { ErasureOrder, ErasurePart } from "./erase/eraser.ts";
import type { AskedErasure } from "./erase/orders.ts";
import type { ErasureReport } from "./erase/report.ts";
import { hostOf } from "./host.ts";
import { type CountedMinute, countedMinutes } from "./journal/minutes.ts";
import { positionAt } from "./journal/position.ts";
import type { Report } from "./journal/relay-record.ts";
import { startWithAlarm } from "./lost-alarm.ts";
import type { Counters } from "./meter.ts";
import type { Arrivals } from "./presence.ts";
import { handOut } from "./pump/hand-out.ts";
import type { Mailbox } from "./pump/mailbox.ts";
import type { HandedOut, Receipt } from "./pump/receipt.ts";
import {
  countedReports,
  type DestinationReport,
  destinationReports,
  type ReportSources,
} from "./pump/report.ts";
import type { DeadLetterKey } from "./pump/settled.ts";
import { type DeadLetter, deadLetters } from "./query/dead-letters.ts";
import type { EventDetail } from "./query/detail.ts";
import type { EventPage, RuleFit } from "./query/event-queries.ts";
import type { ExportQuery } from "./query/export.ts";
import type { EventQuery } from "./query/filter.ts";
import type { Notice } from "./relay/publisher.ts";
import { countReplay } from "./replay/count.ts";
import type { HandedOrder, ReplayFilter, ReplayPart } from "./replay/order.ts";
import { type ReplayReport, reportOf } from "./replay/report.ts";
import { type RuleCounters, ruleCounters } from "./rule-counters.ts";
import { skipDeliveries } from "./skip.ts";
import { Sockets } from "./sockets.ts";
import { type Host, type Stages, stagesOf } from "./stages.ts";
import { stopStages } from "./stop.ts";
import type { Batch, Feeding } from "./tail/feed.ts";
import type { Watched } from "./tail/interest.ts";
import type { PageQuery, TailPage } from "./tail/page.ts";
import { testDelivery, testEvent } from "./test-delivery.ts";
import { type ShardUsage, usageSince } from "./usage.ts";

export class Shard extends DurableObject<Env> {
  readonly #config: Config;
  readonly #clock: Clock;
  readonly #stages: Stages;
  readonly #sockets: Sockets;
  readonly #post: Host["post"];

  /**
   * @param clock the platform's; a simulation brings its own
   * @param post one POST from the object; likewise
   */
  constructor(ctx: DurableObjectState, env: Env, clock: Clock = systemClock, post = send) {
    super(ctx, env);
    this.#config = readConfig(env);
    configureLog(this.#config);
    this.#clock = clock;
    const host = hostOf(ctx, env, this.#config, this, clock, post);
    this.#post = host.post;
    this.#stages = stagesOf(host, this.#config, clock);
    this.#sockets = new Sockets(this.#stages, ctx);
    const { destinations, progress, runner } = this.#stages;
    // A new destination has a cursor from first sight, even if its rule goes again before any event comes.
    // A full disk keeps no object from starting.
    if (destinations.unrecorded) progress.tryWrite();
    ctx.blockConcurrencyWhile(async () => {
      await startWithAlarm(env, host.index, ctx, () => runner.start());
      ctx.waitUntil(runner.initialize());
    });
  }

  /**
   * Keeps an event, or recognises it as one that is kept. Answers when that is durable: the runtime holds the
   * answer back until then. Fails if it cannot be kept.
   */
  async append(handed: Append | UnpackedAppend, urgency?: "high"): Promise<void> {
    this.#stages.runner.begin();
    await this.#stages.intake.append(upgraded(handed), urgency);
  }

  /** Keeps several events without delaying their commit. If one of them cannot be kept, it fails, though others may be kept. */
  async appendAll(appends: readonly Append[]): Promise<void> {
    this.#stages.runner.begin();
    await Promise.all(appends.map((append) => this.#stages.intake.append(append, "high")));
  }

  /** Adds to the counters. */
  add(tally: Counters): void {
    this.#stages.meter.add(tally);
    this.#stages.relay.counted(tally);
    if (Object.keys(tally).some((name) => !growsByAsking(name))) this.#stages.progress.changed();
  }

  /** The counters, as rows record them: a sum that was reported once never falls. */
  counters(): Counters {
    return this.#stages.progress.counters();
  }

  /** The counts of each of the last minutes, oldest first. */
  minutes(minutes: number): Promise<CountedMinute[]> {
    const { meter, journal } = this.#stages;
    return countedMinutes(meter.counters, minutes, this.#clock, journal);
  }

  /** The same of one destination. */
  destinationMinutes(name: string, minutes: number): Promise<CountedMinute[]> {
    const { destinations, meter, journal } = this.#stages;
    const progress = { destinations: destinations.states, counters: meter.counters };
    return destinationMinutes(name, progress, minutes, this.#clock, journal);
  }

  /** The billed operations and bytes of this shard since a time. @param since Unix milliseconds */
  usage(since: number): ShardUsage {
    const { meter, journal, storage } = this.#stages;
    return usageSince(since, meter.counters, journal, storage.size);
  }

  drift(): CountedDrift[] {
    return this.#stages.drift.all;
  }

  /** Goes on sending, in an invocation of its own. */
  drain(): void {
    this.#stages.runner.drain();
  }

  override alarm(): Promise<void> {
    return this.#stages.runner.alarm();
  }

  /** Shard 0's: a Worker has something to say of the gateway. Answers when that is durable. */
  relay(notice: Notice): void {
    this.#stages.runner.begin();
    this.#stages.relay.notice(notice);
  }

  /** Shard 0's: hears the findings of another shard. Answers when that is durable. */
  report(shard: number, report: Report): void {
    this.#stages.runner.begin();
    this.#stages.relay.hear(shard, report);
  }

  /** Shard 0's: answers the state, after growing to so many shards. */
  async join(shards: number): Promise<ClusterState> {
    this.#stages.coordinator.grow(shards);
    await this.#notify();
    return this.#stages.coordinator.state;
  }

  /** Shard 0's: pauses or resumes a destination everywhere. A shard that cannot be reached now is notified later. */
  async steer(destination: string, action: Steering): Promise<void> {
    this.#stages.coordinator.steer(destination, action);
    await this.#notify();
  }

  /** Shard 0's decision holds here at once, and on the other shards soon. */
  async #notify(): Promise<void> {
    this.drain();
    await this.#stages.coordinator.notify();
  }

  /** Takes over the state that shard 0 has decided, unless it holds a later one. Answers the state that holds here now. */
  async learn(state: ClusterState): Promise<ClusterState> {
    this.#stages.coordinator.apply(state);
    this.drain();
    return this.#stages.coordinator.state;
  }

  events(query: EventQuery): Promise<EventPage> {
    return this.#stages.events.page(query, this.#oldest);
  }

  /** Events as lines, oldest first. See `Exports`. */
  export(query: ExportQuery): ReadableStream<Uint8Array> {
    return this.#stages.exports.stream(query, this.#oldest);
  }

  event(id: string): EventDetail | null {
    return this.#stages.events.detail(id, this.#oldest);
  }

  /**
   * The rules that match the last events, and the rules on trial that would.
   * @param request of `POST /api/rules/test`, whose `rules` were found right
   */
  async fits(request: string, last: number): Promise<RuleFit[]> {
    const { rules } = parseJson(request || "{}") as { rules?: unknown };
    const current = this.#config.rules.rules;
    const trial = rules === undefined ? current : readTrialRules(this.env, rules).rules;
    await this.#readLists([...current, ...trial]);
    return this.#stages.events.fits(current, trial, last, this.#oldest);
  }

  /**
   * Queues an event again, for the named destinations, or for all whose rule matches it, but never for `except`.
   * Answers to how many destinations it will be sent; null if there is no such event.
   */
  async replay(
    id: string,
    named: readonly string[] | null,
    except: readonly string[],
  ): Promise<number | null> {
    await this.#readLists(this.#forwards);
    const queued = this.#stages.replay.event(id, this.#oldest, named, except);
    if (queued !== null) this.drain();
    return queued;
  }

  /**
   * Makes the whole retry list of a destination due, also where its breaker is open or a hold lasts. Answers how many
   * events are in it, before the last of them is due.
   */
  retryNow(destination: string): number {
    const { retryNow } = this.#stages;
    const queued = retryNow.ask(destination);
    this.ctx.waitUntil(retryNow.run().catch(() => {}));
    this.drain();
    return queued;
  }

  /** Sends a destination one test event, past everything that waits for it; null if no rule forwards to the name. */
  async test(destination: string): Promise<Outcome | null> {
    const pump = this.#stages.destinations.pumps.get(destination);
    if (!pump) return null;
    if (pump.mailbox) return pump.mailbox.test(testEvent(destination, this.#clock.now()));
    return testDelivery(pump.rule, this.#stages.coordinator.gateway, this.#post, this.#clock.now);
  }

  /**
   * A poll: confirms events, and answers the keys of events that it may take, oldest first.
   * @param limit as many at most
   */
  async offer(name: string, receipt: Receipt | null, limit: number): Promise<number[]> {
    this.#stages.runner.begin();
    const mailbox = this.#mailboxOf(name);
    if (mailbox?.confirm(receipt)) this.#stages.runner.pump();
    return (await mailbox?.offer(limit)) ?? [];
  }

  /** Waits until a poll may get an event, or the time is up. False: the process ends, and none will come. */
  async arrival(name: string, ms: number): Promise<boolean> {
    this.#stages.runner.begin();
    return (await this.#mailboxOf(name)?.arrival(ms)) ?? false;
  }

  /** Hands out so many events on offer. */
  async handOut(name: string, limit: number): Promise<HandedOut> {
    this.#stages.runner.begin();
    const pump = this.#stages.destinations.pumps.get(name);
    return handOut(pump, limit, this.#stages.coordinator.gateway, this.#clock.now());
  }

  #mailboxOf(name: string): Mailbox | null {
    return this.#stages.destinations.pumps.get(name)?.mailbox ?? null;
  }

  /**
   * Gives up an event's deliveries to the named destinations, or to all at which it waits. Answers how many; null if
   * there is no such event.
   */
  skip(id: string, named: readonly string[] | null): number | null {
    const skipped = skipDeliveries(id, this.#oldest, named, this.#stages, this.#clock);
    if (skipped !== null) this.drain();
    return skipped;
  }

  /** Dead letters before one, newest event first; their attempts without the answers. */
  deadLetters(before: DeadLetterKey, destination: string | null, limit: number): DeadLetter[] {
    return deadLetters(this.#stages, before, destination, limit, this.#oldest);
  }

  /**
   * Queues dead letters again: of some destinations or all, of some events or all, but never of `except`. Dead letters
   * of a destination that is switched off stay. Answers how many are queued.
   */
  async replayDeadLetters(
    destinations: readonly string[] | string | null,
    ids: readonly string[] | null,
    except: readonly string[],
  ): Promise<number> {
    const named = destinations === null ? null : [destinations].flat();
    const selection = { destinations: named, ids, except, oldest: this.#oldest };
    let sum = 0;
    for await (const queued of this.#stages.replay.deadLetters(selection)) {
      this.drain();
      sum += queued;
    }
    return sum;
  }

  /** This shard's part of a replay by range, counted exactly. */
  async countReplay(filter: ReplayFilter): Promise<ReplayPart> {
    const rule = this.#stages.destinations.pumps.get(filter.destination)?.rule;
    if (!rule) return { matched: 0, first: 0, last: 0 };
    await this.#readLists([rule]);
    return countReplay(filter, rule, this.#stages, this.#clock);
  }

  /**
   * Shard 0's: begins a replay by range on all shards. Answers its id. A shard that cannot be reached is told later.
   * @param parts of all shards, in their order
   */
  async startReplay(filter: ReplayFilter, perSecond: number, parts: readonly ReplayPart[]): Promise<string> {
    const id = this.#stages.orders.start(filter, perSecond, parts);
    this.drain();
    await this.#stages.orders.notify();
    return id;
  }

  /** Shard 0's: cancels a replay on all shards, likewise. False: there is no such replay. */
  async cancelReplay(id: string): Promise<boolean> {
    if (!this.#stages.orders.cancel(id)) return false;
    await this.#stages.orders.notify();
    return true;
  }

  /** Another shard's, from shard 0: begins a replay here, or cancels it. */
  async takeReplay(order: HandedOrder): Promise<void> {
    this.#stages.orders.take(order);
    this.drain();
  }

  /** The replays by range that this shard knows, the oldest first. */
  replays(): ReplayReport[] {
    return this.#stages.replays.all.map(reportOf);
  }

  /** The report of every destination on this shard, at once: a long backlog is estimated. */
  destinations(): DestinationReport[] {
    return destinationReports(this.#reported, this.#config.retentionMs, this.#clock);
  }

  /** The same with exact counts, unless the backlog is very long. */
  countedDestinations(): Promise<DestinationReport[]> {
    return countedReports(this.#reported, this.#config.retentionMs, this.#clock);
  }

  /** The counters of single rules, ever and in the last hour. */
  ruleCounters(): RuleCounters {
    const { meter, journal } = this.#stages;
    return ruleCounters(meter.counters, journal, this.#clock.now());
  }

  /** Shard 0's: hears whose ask breakers are open in an isolate. Answers the standing of all rules. */
  ruleStanding(isolate: string, open: readonly string[]): RuleStanding {
    const { coordinator, openAskBreakers } = this.#stages;
    const now = this.#clock.now();
    openAskBreakers.hear(isolate, open, now);
    return { paused: coordinator.state.paused, open: openAskBreakers.open(now) };
  }

  get #reported(): ReportSources {
    const { destinations, retries, settled, coordinator } = this.#stages;
    return { destinations, retries, settled, cluster: coordinator };
  }

  /** Kept events that are quarantined, by command and path of an issue. */
  quarantined(): CountedMisfit[] {
    return this.#stages.misfits.all(positionAt(this.#oldest));
  }

  /**
   * Forgets a name that no rule has any more, with the events that wait for it. Answers how many these are, dead
   * letters among them; 0 for a name that a rule has.
   */
  forget(name: string): Promise<number> {
    return this.#stages.retention.forget(name);
  }

  /** Shard 0's: connects a viewer of the tail, or a listener. */
  override fetch(request: Request): Promise<Response> {
    return this.#sockets.connect(request);
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#sockets.message(socket, message);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): Promise<void> {
    return this.#sockets.closes(socket, code, reason);
  }

  override webSocketError(socket: WebSocket): Promise<void> {
    return this.#sockets.closed(socket);
  }

  /** Shard 0's: hands a request to the listener of a rule, and waits for its end. */
  exchange(rule: string, request: FramedRequest): Promise<Exchanged> {
    return this.#stages.listeners.exchange(rule, request);
  }

  /** Shard 0's: the receivers that have come by themselves, and are there. */
  arrivals(): Arrivals {
    return this.#stages.presence.arrivals;
  }

  /** Another shard's, from shard 0: receivers have come or gone. */
  receiversChanged(): void {
    this.#stages.presence.look();
  }

  /** Another shard's, from shard 0: feeds these filters from now on. */
  watch(watched: Watched): Feeding {
    return this.#stages.feed.watch(watched);
  }

  /** Shard 0's: another shard feeds lines. Answers the filters that are watched now. */
  feed(shard: number, batch: Batch): Promise<Watched> {
    return this.#stages.tail.take(shard, batch);
  }

  /** A page of the journal for a viewer. */
  tailPage(query: PageQuery): Promise<TailPage> {
    return this.#stages.pages.page(query, this.#oldest);
  }

  /** This shard's part of an erasure that is asked for. */
  countErasure(account: string): Promise<ErasurePart> {
    return this.#stages.eraser.count(account);
  }

  /**
   * Shard 0's: begins to erase an account on all shards. Answers when that is durable. A shard that cannot be reached is
   * told later.
   * @param parts of all shards, in their order
   */
  startErasure(asked: AskedErasure, parts: readonly ErasurePart[]): void {
    const { erasureOrders } = this.#stages;
    erasureOrders.start(asked, parts);
    this.ctx.waitUntil(erasureOrders.notify().catch(() => {}));
  }

  /** Another shard's, from shard 0: begins to erase an account here. */
  async takeErasure(order: ErasureOrder): Promise<void> {
    this.#stages.eraser.begin(order);
  }

  /** Parts of erasures: still to begin, under way, and the last that have ended. */
  erasures(): ErasureReport[] {
    const { erasureOrders, eraser } = this.#stages;
    return [...erasureOrders.reports, ...eraser.reports];
  }

  /** Before the process ends: sends nothing more, lets the posts under way end, and records progress. */
  stop(): Promise<void> {
    return stopStages(this.#stages);
  }

  /** Sentences about the problems of this shard. */
  async problems(): Promise<Sentence[]> {
    const { health, replayHealth, erasureOrders } = this.#stages;
    await this.#readLists(this.#forwards);
    return [
      ...health.problems(),
      ...replayHealth.problems(),
      ...erasureOrders.problems,
      ...listProblems(this.#forwards, this.#clock.now()),
    ];
  }

  get #forwards(): Rule[] {
    return this.#config.rules.rules.filter(({ kind, enabled }) => kind === "forward" && enabled);
  }

  /** Rules that are asked outside of the pumps, which read the lists themselves. */
  #readLists(rules: readonly Rule[]): Promise<void> {
    return freshLists(rules, this.ctx, this.#clock.now());
  }

  /** Earlier events are past retention. Unix milliseconds. */
  get #oldest(): number {
    return this.#clock.now() - this.#config.retentionMs;
  }
}
