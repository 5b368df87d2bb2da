/**
 * A Durable Object of a simulation. Answers and posts leave only when every row written before is durable, as the
 * platform's output gate has it: https://developers.cloudflare.com/durable-objects/reference/in-memory-state/
 */
import type { DatabaseSync } from "node:sqlite";
import type { Message } from "../../src/delivery/message.ts";
import type { Outcome } from "../../src/delivery/outcome.ts";
import type { Sending } from "../../src/delivery/send.ts";
import type { ListenerHost } from "../../src/delivery/transports/transport.ts";
import { type PartialOutcomes, partialOutcomes } from "../../src/shard/pump/partial-outcomes.ts";
import type { Shard } from "../../src/shard/shard.ts";
import { SimulatedAlarm } from "./alarm.ts";
import { SimulatedDisk } from "./disk.ts";
import { storageOf } from "./object-storage.ts";
import { pairsOf } from "./platform.ts";
import { SimulatedSocket } from "./sockets.ts";
import type { Post, Surroundings } from "./surroundings.ts";

pairsOf(() => new SimulatedSocket());

const { Shard: ShardClass } = await import("../../src/shard/shard.ts");

/** The object dies at the write, or at the turn of its own code, that is so many from now. */
export interface Death {
  at: "write" | "turn";
  number: number;
}

/** One start of the object: what is under way dies with it. */
interface Life {
  number: number;
  shard: Shard;
  ready: Promise<void>;
  alive: boolean;
  /** Posts under way, and when the last one ended. */
  posts: number;
  answeredAt: number;
  /** Ends calls that wait for their answer. */
  died: PromiseWithResolvers<never>;
}

/** The outcome of a post is durable within this time. Milliseconds. */
export const recordedWithinMs = 1_050;

/** Share of the entrypoint's calls that fail, unless they end sooner. */
const callFails = 0.15;

const lost = "Network connection lost.";

const never = <Result>() => new Promise<Result>(() => {});

export class SimulatedObject {
  readonly name: string;
  readonly disk: SimulatedDisk;
  readonly alarm: SimulatedAlarm;
  /** Added to the time that the object sees. Milliseconds. */
  clockOffset = 0;
  /** Whether its clock was set at some time. */
  clockMoved = false;
  /** Planned for this life, and for the next one from its start on; null: none. */
  death: Death | null = null;
  deathAtStart: Death | null = null;
  /** How often the object was ended by its own decision. */
  aborts = 0;
  /** Times of the timeline at which it ended without a clean stop. */
  readonly deaths: number[] = [];
  readonly #surroundings: Surroundings;
  #sockets: SimulatedSocket[] = [];
  #life: Life | null = null;
  #lives = 0;

  constructor(name: string, surroundings: Surroundings) {
    const { timeline, chance } = surroundings;
    this.name = name;
    this.#surroundings = surroundings;
    this.alarm = new SimulatedAlarm(timeline, chance, this);
    this.disk = new SimulatedDisk(timeline, chance, () => this.alarm.flushed());
  }

  get database(): DatabaseSync {
    return this.disk.database;
  }

  get alive(): boolean {
    return this.#life !== null;
  }

  /** Whether no post is under way, and progress was recorded since the last one. */
  get atRest(): boolean {
    const life = this.#life;
    return life?.posts === 0 && this.#surroundings.timeline.now > life.answeredAt + recordedWithinMs;
  }

  /** A delivery has an outcome, though no post has brought it. */
  noteAnswer(): void {
    if (this.#life) this.#life.answeredAt = this.#surroundings.timeline.now;
  }

  /** The time of the timeline. */
  get time(): number {
    return this.#surroundings.timeline.now;
  }

  /** The time as the object sees it. */
  now(): number {
    return Math.floor(this.#surroundings.timeline.now + this.clockOffset);
  }

  /** A call from outside: it starts the object if need be. Fails if the object dies before its answer has left. */
  async call<Result>(run: (shard: Shard) => Result | Promise<Result>): Promise<Result> {
    const life = this.#start();
    const answered = (async () => {
      await life.ready;
      await this.#resumed(life);
      const result = await run(life.shard);
      await this.#gate(life);
      return result;
    })();
    return Promise.race([answered, life.died.promise]);
  }

  /** The platform runs the alarm. Fails if the handler fails, or the object dies in it. */
  async runAlarm(): Promise<void> {
    const life = this.#start();
    const handled = (async () => {
      await life.ready;
      await this.#resumed(life);
      await life.shard.alarm();
      await this.#gate(life);
    })();
    await Promise.race([handled, life.died.promise]);
  }

  /** Ends the object; rows that are not durable are gone. */
  crash(): void {
    this.disk.rollBack();
    this.disconnect();
    this.#end();
    this.deaths.push(this.#surroundings.timeline.now);
    this.alarm.rolledBack();
  }

  /** Ends the object while every row is durable, as the platform does with one that is idle, and at a deploy. */
  evict(): void {
    this.disk.flush();
    if (this.alive) this.deaths.push(this.#surroundings.timeline.now);
    this.#end();
  }

  /** Ends all connections, as a deployment does. */
  disconnect(): void {
    const sockets = this.#sockets;
    this.#sockets = [];
    for (const socket of sockets) socket.end();
  }

  /** A connection has ended. */
  forget(socket: SimulatedSocket): void {
    this.#sockets = this.#sockets.filter((one) => one !== socket);
  }

  /** Ends the object after it has ended its work. */
  endCleanly(): void {
    this.disk.flush();
    this.#end();
  }

  #end(): void {
    this.death = null;
    const life = this.#life;
    this.#life = null;
    if (!life) return;
    life.alive = false;
    life.died.reject(new Error(lost));
  }

  /** Sets the clock of the machine; the platform's alarms follow it. */
  moveClock(ms: number): void {
    this.clockOffset += ms;
    this.clockMoved = true;
    this.alarm.plan();
  }

  #start(): Life {
    if (this.#life) return this.#life;
    const life = {
      number: ++this.#lives,
      alive: true,
      posts: 0,
      answeredAt: this.#surroundings.timeline.now,
      died: Promise.withResolvers<never>(),
    } as Life;
    life.died.promise.catch(() => {});
    this.#life = life;
    this.death = this.deathAtStart;
    this.deathAtStart = null;
    life.ready = Promise.resolve();
    const { timeline, chance } = this.#surroundings;
    const clock = {
      now: () => this.now(),
      random: () => chance.next(),
      after: (ms: number, run: () => void) => timeline.after(ms, () => this.#turn(life) && this.#inside(run)),
    };
    const post = (message: Message, sending?: Pick<Sending, "listeners">) =>
      this.#post(life, message, sending?.listeners);
    const ctx = {
      id: { name: this.name },
      exports: { Courier: { post: (messages: readonly Message[]) => this.#share(life, messages) } },
      getWebSockets: (tag: string) =>
        this.#sockets.filter(({ readyState, tags }) => readyState < 3 && tags.includes(tag)),
      getTags: ({ tags }: SimulatedSocket) => tags,
      getWebSocketAutoResponseTimestamp: ({ pingedAt }: SimulatedSocket) => {
        const at = pingedAt();
        return at === null ? null : new Date(Math.floor(at + this.clockOffset));
      },
      acceptWebSocket: (socket: SimulatedSocket, tags: string[]) => {
        socket.object = this;
        socket.tags = tags;
        this.#sockets.push(socket);
      },
      setWebSocketAutoResponse() {},
      storage: storageOf(this.disk, this.alarm, {
        mustLive: () => this.#mustLive(life),
        mayDie: () => this.#mayDie(life),
        alive: () => life.alive,
        gate: () => this.#gate(life),
        resumed: () => this.#resumed(life),
      }),
      waitUntil: (promise: Promise<unknown>) => void promise.catch(() => {}),
      abort: () => this.#abort(life),
      blockConcurrencyWhile: (run: () => Promise<void>) => {
        life.ready = run();
        life.ready.catch(() => life.alive && this.crash());
      },
    };
    const call = { left: () => this.#gate(life), answered: () => this.#resumed(life) };
    try {
      life.shard = new ShardClass(
        ctx as unknown as ConstructorParameters<typeof ShardClass>[0],
        this.#surroundings.env(call) as unknown as Env,
        clock,
        post,
      );
    } catch (error) {
      if (life.alive) this.crash();
      life.ready = Promise.reject(error);
      life.ready.catch(() => {});
    }
    return life;
  }

  #abort(life: Life): void {
    if (!life.alive) return;
    this.aborts++;
    // Rows that were written before an abort may be durable or not.
    if (this.#surroundings.chance.happens(0.5)) this.disk.flush();
    this.crash();
  }

  /** The object's code goes on after an await. False: it does not, because the object is dead, or dies now. */
  #turn(life: Life): boolean {
    if (!life.alive) return false;
    if (this.death?.at !== "turn" || this.death.number-- > 0) return true;
    this.death = null;
    const { timeline, chance } = this.#surroundings;
    const die = () => {
      if (!life.alive) return;
      if (chance.happens(0.8)) this.crash();
      else this.evict();
    };
    if (chance.happens(0.5)) {
      // The turn ends first, and whatever it wrote may be durable or not.
      timeline.after(0, die);
      return true;
    }
    die();
    return false;
  }

  async #resumed(life: Life): Promise<void> {
    if (!this.#turn(life)) await never();
  }

  /** Runs code of the object that no caller waits for. */
  #inside(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (this.alive) this.#surroundings.uncaught(error);
    }
  }

  #mustLive(life: Life): void {
    if (!life.alive) throw new Error("the object is gone");
  }

  /** The object's code is about to write. */
  #mayDie(life: Life): void {
    this.#mustLive(life);
    if (this.death?.at !== "write" || this.death.number-- > 0) return;
    this.crash();
    throw new Error("the object died while it wrote");
  }

  /** Resolves when every row written so far is durable; never, if the object dies before. */
  async #gate(life: Life): Promise<void> {
    await this.disk.flushing;
    if (!life.alive) await never();
  }

  async #post(life: Life, message: Message, listeners?: ListenerHost): Promise<Outcome> {
    const post = this.#begin(life, message, listeners);
    await this.#gate(life);
    const outcome = await this.#surroundings.send(post);
    await this.#resumed(life);
    this.#answered(life, [post]);
    return outcome;
  }

  /**
   * Posts through the entrypoint, which outlives the object. Now and then the call fails as a whole: the entrypoint goes
   * while posts are under way.
   */
  async #share(life: Life, messages: readonly Message[]): Promise<PartialOutcomes> {
    const posts = messages.map((message) => this.#begin(life, message));
    await this.#gate(life);
    const { timeline, chance, send } = this.#surroundings;
    const failed = new Promise<never>((_, fail) => {
      if (chance.happens(callFails)) timeline.after(chance.between(0, 60), () => fail(new Error(lost)));
    });
    const told = async (call: Promise<PartialOutcomes>): Promise<PartialOutcomes> => {
      try {
        const { outcomes, later } = await Promise.race([call, failed]);
        await this.#resumed(life);
        this.#answered(
          life,
          outcomes.map(([index]) => posts[index]!),
        );
        return { outcomes, later: later && (() => this.#gate(life).then(() => told(later()))) };
      } catch (error) {
        await this.#resumed(life);
        const open = posts.filter(({ answeredAt }) => answeredAt === null);
        for (const post of open) post.callFailed = true;
        this.#answered(life, open);
        throw error;
      }
    };
    return told(partialOutcomes(new Map(posts.map(send).entries()), timeline));
  }

  #begin(life: Life, message: Message, listeners?: ListenerHost): Post {
    const post: Post = {
      object: this,
      life: life.number,
      message,
      listeners,
      begunAt: this.time,
      answeredAt: null,
      callFailed: false,
    };
    life.posts++;
    this.#surroundings.begin(post);
    return post;
  }

  /** The object is told outcomes. */
  #answered(life: Life, posts: readonly Post[]): void {
    for (const post of posts) post.answeredAt = this.time;
    life.posts -= posts.length;
    life.answeredAt = this.time;
  }
}
