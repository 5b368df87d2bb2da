/** The gateway of a simulation: shards, the Workers that call them, and the destinations. */
import { type Outcome, unanswered } from "../../src/delivery/outcome.ts";
import { shardName } from "../../src/shard/cluster/shards.ts";
import type { Shard } from "../../src/shard/shard.ts";
import type { Chance } from "../support/chance.ts";
import { judge } from "./asks.ts";
import { bindings } from "./bindings.ts";
import { SimulatedDestination } from "./destination.ts";
import { Erasures } from "./erasures.ts";
import { limits, PostLimits } from "./limits.ts";
import { SimulatedListeners } from "./listeners.ts";
import { SimulatedObject } from "./object.ts";
import { isOrdered } from "./order.ts";
import { Poller } from "./poller.ts";
import { complaintsOf, fallen } from "./reading.ts";
import { RelayEvents } from "./relay-events.ts";
import { Replays } from "./replays.ts";
import { hearing, heldBack } from "./resumes.ts";
import { RuleHistory } from "./rule-history.ts";
import {
  type AnyName,
  allNames,
  type DestinationName,
  destinationNames,
  hearerNames,
  type PeerManner,
  type RuleState,
  type Step,
} from "./steps.ts";
import type { OutgoingCall, Post } from "./surroundings.ts";
import type { Timeline } from "./timeline.ts";
import { SimulatedViewers } from "./viewers.ts";
import { type Sent, Workers } from "./workers.ts";

/** A call to a shard ends by then: the Worker's own request does. Milliseconds. */
const callWithinMs = 30_000;

const mostShards = 3;
const usualRetentionHours = 48;

export class SimulatedGateway {
  readonly timeline: Timeline;
  /** Destinations that have a rule, unless a step says otherwise. */
  readonly wanting: readonly DestinationName[];
  readonly chance: Chance;
  readonly shards: SimulatedObject[] = [];
  readonly destinations: ReadonlyMap<AnyName, SimulatedDestination>;
  readonly replays: Replays;
  readonly erasures: Erasures;
  readonly viewers: SimulatedViewers;
  readonly relayEvents: RelayEvents;
  readonly poller: Poller;
  readonly listeners: SimulatedListeners;
  /** Names that were forgotten: their events may be gone. */
  readonly forgotten = new Set<DestinationName>();
  /** Names that an operator has resumed, or tried to, each as often as that. */
  readonly resumed: AnyName[] = [];
  readonly history: RuleHistory;
  /** Every event is kept for so long at least: the shortest retention so far. 0: a database was large. Milliseconds. */
  keptForMs = usualRetentionHours * 3_600_000;
  /** Counts that Workers have added to the shards' counters. */
  counted = 0;
  /** Broken promises that showed between two looks at the books. */
  readonly complaints: string[] = [];
  readonly #workers: Workers;
  readonly #limits = new PostLimits();
  readonly #manners = new Map<number, PeerManner>();
  readonly #rules = new Map<AnyName, RuleState>();
  /** The sizes of batches that steps have set; null: none. */
  readonly #batches = new Map<DestinationName, number | null>();
  /** Starts of shards that were asked to end: they may refuse calls. */
  readonly #stopping = new WeakSet<Shard>();
  /** The most shards that were ever configured. */
  #shardCount = 1;
  #configured = 1;
  #retentionHours = usualRetentionHours;
  #heard = false;
  #env: Record<string, unknown> = {};

  constructor(timeline: Timeline, chance: Chance, wanting: readonly DestinationName[] = destinationNames) {
    this.timeline = timeline;
    this.wanting = wanting;
    this.chance = chance;
    this.destinations = new Map(
      allNames.map((name) => [name, new SimulatedDestination(name, timeline, chance)]),
    );
    this.history = new RuleHistory(this);
    this.replays = new Replays(this);
    this.erasures = new Erasures(this);
    this.viewers = new SimulatedViewers(this);
    this.relayEvents = new RelayEvents(this);
    this.poller = new Poller(this);
    this.listeners = new SimulatedListeners(this);
    this.#workers = new Workers(timeline, chance, (index, run, withinMs) => this.ask(index, run, withinMs));
    this.#deploy();
  }

  get shardCount(): number {
    return this.#shardCount;
  }

  get sent(): readonly Sent[] {
    return this.#workers.sent;
  }

  /** Of destinations that have a rule at some time. */
  get names(): readonly AnyName[] {
    return this.#heard ? [...this.wanting, ...hearerNames] : this.wanting;
  }

  get retentionMs(): number {
    return this.#retentionHours * 3_600_000;
  }

  /** Rules of destinations that hear relay events are right. */
  rule(name: AnyName): RuleState {
    return this.#rules.get(name) ?? "right";
  }

  #object(index: number): SimulatedObject {
    this.shards[index] ??= new SimulatedObject(shardName(index), {
      timeline: this.timeline,
      chance: this.chance,
      env: (call) => ({
        ...this.#env,
        SHARD: { getByName: (name: string) => this.#peer(Number(name.slice("shard-".length)), call) },
      }),
      begin: (post) => {
        this.complaints.push(...this.#limits.brokenBy(post, nameOf(post), this.#configured));
      },
      send: (post) => this.#send(post),
      uncaught: (error) => this.complaints.push(`uncaught: ${(error as Error).stack}`),
    });
    return this.shards[index];
  }

  async #send(post: Post): Promise<Outcome> {
    if (post.message.address.kind === "listener") return this.listeners.posts.carry(post);
    const now = () => post.object.now();
    const destination = this.destinations.get(nameOf(post) as AnyName);
    return destination?.receive(post) ?? unanswered(new Error("no such host"), now(), now());
  }

  /** A new environment, with which every object starts again. */
  #deploy(): void {
    const rules = this.wanting.flatMap((name): object[] => {
      const state = this.rule(name);
      const keys = {
        name,
        url: addressOf(name, state === "moved"),
        retry: ["1s", "20s"],
        timeoutMs: 3_000,
        ...(isOrdered(name) ? { order: "conversation" } : {}),
        ...this.#batchOf(name),
        ...(name === "limited" ? limits : {}),
      };
      if (state === "removed") return [];
      if (state === "wrong") return [{ ...keys, timeoutMs: "soon" }];
      return [{ ...keys, ...(state === "off" && { enabled: false }) }];
    });
    if (this.wanting.includes("listened")) rules.push(judge);
    if (this.#heard)
      for (const [name, on] of [
        ["hearer", ["*", "Relay.*"]],
        ["pager", "Relay.*"],
      ])
        rules.push({ name, on, url: `https://${name}.example.com/`, retry: ["1s", "20s"], timeoutMs: 3_000 });
    this.#env = {
      ...bindings,
      SDK_APP_ID: "1400000000",
      RETENTION_HOURS: String(this.#retentionHours),
      SHARDS: String(this.#configured),
      FORWARD_RULES: JSON.stringify(rules),
    };
    for (const object of this.shards) {
      object?.evict();
      object?.disconnect();
    }
    this.#workers.deploy(this.#configured);
  }

  /** A poll has no batches, and an archive always has some. */
  #batchOf(name: DestinationName): { batch?: { size: number; ms: number } } {
    const usual = batched.includes(name) ? 4 : null;
    const set = this.#batches.get(name);
    const size = set === undefined || (set === null && name === "archived") ? usual : set;
    return size === null || name === "polled" ? {} : { batch: { size, ms: 300 } };
  }

  /** A stub as a shard gets it to call another. */
  #peer(index: number, outgoing: OutgoingCall) {
    const call = async <Result>(run: (shard: Shard) => Result | Promise<Result>): Promise<Result> => {
      await outgoing.left();
      const result = this.#callPeer(index, run);
      await result.catch(() => {});
      await outgoing.answered();
      return result;
    };
    return {
      join: (shards: number) => call((shard) => shard.join(shards)),
      steer: (name: string, action: "pause" | "resume" | "disable" | "forget") =>
        call((shard) => shard.steer(name, action)),
      learn: (state: Parameters<Shard["learn"]>[0]) =>
        call((shard) => this.#hearing(index, shard, () => shard.learn(state))),
      takeReplay: (order: Parameters<Shard["takeReplay"]>[0]) => call((shard) => shard.takeReplay(order)),
      takeErasure: (order: Parameters<Shard["takeErasure"]>[0]) => call((shard) => shard.takeErasure(order)),
      drain: () => call((shard) => shard.drain()),
      report: (...reported: Parameters<Shard["report"]>) => call((shard) => shard.report(...reported)),
      watch: (watched: Parameters<Shard["watch"]>[0]) => call((shard) => shard.watch(watched)),
      feed: (...fed: Parameters<Shard["feed"]>) => call((shard) => shard.feed(...fed)),
      exchange: (...request: Parameters<Shard["exchange"]>) => call((shard) => shard.exchange(...request)),
      arrivals: () => call((shard) => shard.arrivals()),
      receiversChanged: () => call((shard) => shard.receiversChanged()),
      tailPage: (query: Parameters<Shard["tailPage"]>[0]) => call((shard) => shard.tailPage(query)),
    };
  }

  async #callPeer<Result>(index: number, run: (shard: Shard) => Result | Promise<Result>): Promise<Result> {
    await this.timeline.wait(this.chance.between(0, 5));
    const manner = this.#manners.get(index) ?? "well";
    if (manner === "unreachable") throw new Error("unreachable");
    const result = await this.#object(index).call(run);
    if (manner === "lost") throw new Error("the answer is lost");
    const late = manner === "after 1 s" ? 1_000 : manner === "after 10 s" ? 10_000 : 0;
    await this.timeline.wait(late + this.chance.between(0, 5));
    return result;
  }

  /** A call of a Worker; null if it fails or does not end in time. */
  async ask<Result>(
    index: number,
    run: (shard: Shard) => Result | Promise<Result>,
    withinMs = callWithinMs,
  ): Promise<Result | null> {
    const timedOut = this.timeline.wait(withinMs).then(() => null);
    return Promise.race([
      this.#object(index)
        .call(run)
        .catch(() => null),
      timedOut,
    ]);
  }

  /** Takes a step. The answer ends with it, or runs on beside the steps that follow. */
  take(step: Step): Promise<unknown> | undefined {
    const object = "shard" in step ? this.shards[step.shard] : undefined;
    switch (step.do) {
      case "append":
        return this.#workers.append(step.conversations, step.quarantined ?? false, step.as ?? "each");
      case "poll":
        if (step.beside) this.poller.poll(1, "answer").catch(() => {});
        return this.poller.polls(step.times, step.limit, step.loses ?? null);
      case "listen":
        if (step.stays) this.listeners.stay(step.as ?? "listened");
        return this.listeners.connect(step.as ?? "listened", step.pings ?? false);
      case "unlisten":
        this.listeners.depart(step.as ?? "listened", step.how);
        return;
      case "babble":
        this.listeners.babble(step.as ?? "listened", step.frames);
        return;
      case "ask":
        return this.listeners.ask(step.times, step.comes ?? false);
      case "behave":
        this.destinations.get(step.destination)!.behaviour = step.as;
        return;
      case "crash":
        object?.crash();
        return;
      case "crashAt":
        if (object) object[step.inNextLife ? "deathAtStart" : "death"] = { at: step.at, number: step.number };
        return;
      case "evict":
        object?.evict();
        return;
      case "stop":
        return this.#stop(step.shard);
      case "fillDisk":
        object?.disk.fill(step.how);
        return;
      case "fillDiskAt":
        object?.disk.fillAt(step.write, step.how);
        return;
      case "growDatabase":
        if (object) object.disk.size = step.bytes;
        this.keptForMs = 0;
        return;
      case "moveClock":
        object?.moveClock(step.ms);
        return;
      case "fireAgain":
        return object?.alarm.fire();
      case "reach":
        this.#manners.set(step.shard, step.as);
        return;
      case "steer":
        return step.action === "pause" ? this.#pause(step.destination) : this.resume(step.destination);
      case "replay":
        return this.replays.event(step.event, step.destination);
      case "replayDead":
        return this.replays.deadLetters(step.destination);
      case "retryNow":
        return Promise.all(
          this.shards.map((object, index) =>
            this.ask(index, (shard) => {
              shard.retryNow(step.destination);
              this.complaints.push(...heldBack(object, shard, [step.destination]));
            }),
          ),
        );
      case "skip":
        return this.replays.skip(step.event, step.destination);
      case "replayAll":
        return this.replays.all(step);
      case "cancelReplay":
        return this.replays.cancel(step.replay);
      case "deploy":
        this.#rules.set(step.destination, step.rule);
        this.#deploy();
        return;
      case "batch":
        this.#batches.set(step.destination, step.size);
        this.#deploy();
        return;
      case "shrink":
        this.#configured = Math.max(1, this.#shardCount - 1);
        this.#deploy();
        return;
      case "grow":
        this.#configured = this.#shardCount = Math.min(this.#shardCount + 1, mostShards);
        this.#deploy();
        return;
      case "retain":
        this.#retentionHours = step.hours;
        this.keptForMs = Math.min(this.keptForMs, this.retentionMs);
        this.#deploy();
        return;
      case "forget":
        return this.#forget(step.destination);
      case "hear":
        this.#heard = true;
        this.#deploy();
        return;
      case "act":
        return this.relayEvents.act();
      case "refuse":
        return this.relayEvents.refuse(step.count);
      case "count":
        if (object) this.counted += step.times;
        return object && this.ask(step.shard, (shard) => shard.add({ verdicts: step.times }));
      case "read":
        return this.read(step.shard);
      case "watch":
        return this.viewers.watch(step.since ?? false, step.acknowledges);
      case "unwatch":
        this.viewers.unwatch();
        return;
      case "erase":
        return this.erasures.erase(step.conversation);
      case "pass":
        return;
    }
  }

  #pause(name: AnyName): Promise<unknown> {
    return this.ask(0, (shard) => shard.steer(name, "pause"));
  }

  resume(name: AnyName): Promise<unknown> {
    this.resumed.push(name);
    return this.ask(0, (shard) => this.#hearing(0, shard, () => shard.steer(name, "resume")));
  }

  #hearing<Result>(index: number, shard: Shard, decide: () => Promise<Result>): Promise<Result> {
    return hearing(this.shards[index]!, shard, decide, (sentence) => this.complaints.push(sentence));
  }

  /** Ends a shard as the end of its process does. */
  async #stop(index: number): Promise<void> {
    if (!this.shards[index]) return;
    const stopped = await this.ask(index, (shard) => {
      this.#stopping.add(shard);
      return shard.stop().then(() => true);
    });
    if (stopped) this.shards[index].endCleanly();
  }

  /** Whether nothing keeps this start of shard 0 from hearing a listener, or from taking it for one that is there. */
  mayBeHeard(shard: Shard): boolean {
    return !this.#stopping.has(shard) && !this.shards[0]!.clockMoved;
  }

  /** Asks a shard all questions of the API. False if it did not answer. */
  async read(index: number): Promise<boolean> {
    const object = this.shards[index];
    if (!object) return false;
    const complaints = await this.ask(index, (shard) => complaintsOf(shard, object, this));
    const counters = await this.ask(index, (shard) => shard.counters());
    this.complaints.push(...(complaints ?? []), ...fallen(object, counters ?? {}));
    return complaints !== null && counters !== null;
  }

  async #forget(destination: DestinationName): Promise<void> {
    if (this.rule(destination) !== "removed") return;
    this.forgotten.add(destination);
    await Promise.all(this.shards.map((_, index) => this.ask(index, (shard) => shard.forget(destination))));
  }

  /** Everything is well from now on: deliveries that wait can be made. */
  heal(): void {
    for (const destination of this.destinations.values()) destination.behaviour = "well";
    this.#manners.clear();
    for (const object of this.shards) {
      if (!object) continue;
      object.disk.fill(null);
      object.disk.size = 0;
      object.death = object.deathAtStart = null;
    }
    this.#rules.clear();
    if (this.wanting.includes("polled")) this.poller.goOn();
    if (this.wanting.includes("listened")) this.listeners.stay("listened");
    this.#configured = this.#shardCount;
    this.#retentionHours = usualRetentionHours;
    this.#deploy();
  }
}

const batched: readonly DestinationName[] = ["batched", "both", "queued", "archived"];

function addressOf(name: DestinationName, moved: boolean): string {
  if (name === "polled") return "poll:";
  if (name === "listened") return "listener:";
  if (name === "queued") return "queue:QUEUE";
  const host = moved ? `${name}.moved` : name;
  return name === "archived" ? `r2:ARCHIVE/${host}` : `https://${host}.example.com/`;
}

function nameOf({ message }: Post): string {
  return message.rule;
}
