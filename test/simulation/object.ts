/**
 * A Durable Object of a simulation. Its storage is SQLite in memory with one open transaction. A commit makes its rows
 * durable, and a crash rolls them back. Answers and posts leave only when every row written
 * before is durable, as the platform's output gate has it:
 * https://developers.cloudflare.com/durable-objects/reference/in-memory-state/
 */
import "./platform.ts";
import { DatabaseSync } from "node:sqlite";
import type { Message } from "../../src/delivery/message.ts";
import type { Outcome } from "../../src/delivery/outcome.ts";
import type { Shard } from "../../src/shard/shard.ts";
import { newSql } from "../shard/sqlite.ts";
import type { Chance } from "./chance.ts";
import type { Timeline } from "./timeline.ts";

const { Shard: ShardClass } = await import("../../src/shard/shard.ts");

/** The world around an object. */
export interface Surroundings {
  readonly timeline: Timeline;
  readonly chance: Chance;
  /**
   * The environment of the deployed version.
   * @param gate a call of the object leaves when this has resolved
   */
  env(gate: () => Promise<void>): Record<string, unknown>;
  /** A request leaves for a destination. */
  send(message: Message, now: () => number): Promise<Outcome>;
}

/** One start of the object: what is under way dies with it. */
interface Life {
  shard: Shard;
  ready: Promise<void>;
  alive: boolean;
  /** Ends calls that wait for their answer. */
  died: PromiseWithResolvers<never>;
}

/** The longest wait before an alarm that has failed is repeated. Milliseconds. */
const longestBackoffMs = 600_000;

const lost = "Network connection lost.";

export class SimulatedObject {
  readonly name: string;
  readonly database = new DatabaseSync(":memory:");
  /** Added to the time that the object sees. Milliseconds. */
  clockOffset = 0;
  /** The object dies at the write that is so many from now; null: it does not. */
  crashAtWrite: number | null = null;
  /** While true, every write fails, as on a full disk. */
  diskFull = false;
  /** How often the object was ended by its own decision. */
  aborts = 0;
  readonly #surroundings: Surroundings;
  #life: Life | null = null;
  #writing = false;
  #flushing: PromiseWithResolvers<void> | null = null;
  #alarm: number | null = null;
  #durableAlarm: number | null = null;
  #cancelAlarm = () => {};
  #failedAlarms = 0;

  constructor(name: string, surroundings: Surroundings) {
    this.name = name;
    this.#surroundings = surroundings;
  }

  get alive(): boolean {
    return this.#life !== null;
  }

  /** A call from outside: it starts the object if need be. Fails if the object dies before its answer has left. */
  async call<Result>(run: (shard: Shard) => Result | Promise<Result>): Promise<Result> {
    const life = this.#start();
    const answered = (async () => {
      await life.ready;
      const result = await run(life.shard);
      await this.#gate(life);
      return result;
    })();
    return Promise.race([answered, life.died.promise]);
  }

  /** Ends the object; rows that are not durable are gone. */
  crash(): void {
    if (this.#writing) this.database.exec("ROLLBACK");
    this.#writing = false;
    this.#flushing = null;
    this.#alarm = this.#durableAlarm;
    this.#end();
    this.#planAlarm(Math.min(2_000 * 2 ** this.#failedAlarms, longestBackoffMs));
  }

  /** Ends the object while every row is durable, as the platform does with one that is idle. */
  evict(): void {
    this.#flush();
    this.#end();
  }

  #end(): void {
    this.crashAtWrite = null;
    const life = this.#life;
    this.#life = null;
    if (!life) return;
    life.alive = false;
    life.died.promise.catch(() => {});
    life.died.reject(new Error(lost));
  }

  /** The alarm fires although it has fired already, as at-least-once allows. */
  fireAgain(): void {
    void this.#fire();
  }

  #start(): Life {
    if (this.#life) return this.#life;
    const life = { alive: true, died: Promise.withResolvers<never>() } as Life;
    life.died.promise.catch(() => {});
    this.#life = life;
    life.ready = Promise.resolve();
    const { timeline, chance } = this.#surroundings;
    const now = () => Math.floor(timeline.now + this.clockOffset);
    const clock = {
      now,
      random: () => chance.next(),
      after: (ms: number, run: () => void) => timeline.after(ms, () => life.alive && this.#inside(life, run)),
    };
    const post = (message: Message) => this.#post(life, message, now);
    const ctx = {
      id: { name: this.name },
      exports: { Courier: { post } },
      storage: this.#storage(life),
      waitUntil: (promise: Promise<unknown>) => void promise.catch(() => {}),
      abort: () => {
        if (!life.alive) return;
        this.aborts++;
        // Rows that were written before an abort may be durable or not.
        if (chance.happens(0.5)) this.#flush();
        this.crash();
      },
      blockConcurrencyWhile: (run: () => Promise<void>) => {
        life.ready = run();
        life.ready.catch(() => life.alive && this.crash());
      },
    };
    try {
      life.shard = new ShardClass(
        ctx as unknown as ConstructorParameters<typeof ShardClass>[0],
        this.#surroundings.env(() => this.#gate(life)) as unknown as Env,
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

  /** Runs code of the object. An error that it does not catch is its end, as on the platform. */
  #inside(life: Life, run: () => void): void {
    try {
      run();
    } catch (error) {
      if (life.alive) {
        console.error({ at: "uncaught", object: this.name, error });
        throw error;
      }
    }
  }

  #storage(life: Life) {
    const plain = newSql(this.database);
    const mustLive = () => {
      if (!life.alive) throw new Error("the object is gone");
    };
    const sql = {
      databaseSize: 0,
      exec: (text: string, ...bindings: unknown[]) => {
        mustLive();
        if (/^\s*SELECT/i.test(text)) return plain.exec(text, ...bindings);
        this.#beforeWrite();
        return this.diskFull
          ? this.#onFullDisk(() => plain.exec(text, ...bindings))
          : plain.exec(text, ...bindings);
      },
    };
    return {
      sql,
      transactionSync: (write: () => void) => {
        mustLive();
        this.#beforeWrite();
        this.database.exec("SAVEPOINT written");
        try {
          write();
          this.database.exec("RELEASE written");
        } catch (error) {
          if (life.alive) this.database.exec("ROLLBACK TO written; RELEASE written");
          throw error;
        }
      },
      sync: async () => {
        mustLive();
        await this.#gate(life);
      },
      getAlarm: async () => this.#alarm,
      setAlarm: async (at: number) => {
        if (!life.alive) return;
        this.#alarm = at;
        this.#dirty();
      },
    };
  }

  /** A statement that changes nothing succeeds on a full disk too. */
  #onFullDisk<Result>(write: () => Result): Result {
    const before = this.#changes();
    this.database.exec("SAVEPOINT full");
    const result = write();
    const changed = this.#changes() !== before;
    this.database.exec(changed ? "ROLLBACK TO full; RELEASE full" : "RELEASE full");
    if (changed) throw new Error("database or disk is full: SQLITE_FULL");
    return result;
  }

  #changes(): string {
    const [rows] = this.database.prepare("SELECT total_changes() AS n").all();
    const [schema] = this.database.prepare("PRAGMA schema_version").all();
    return JSON.stringify([rows, schema]);
  }

  #beforeWrite(): void {
    if (this.crashAtWrite !== null && this.crashAtWrite-- <= 0) {
      this.crash();
      throw new Error("the object died while it wrote");
    }
    this.#dirty();
  }

  /** Opens the transaction of what is not durable, which is committed some milliseconds later. */
  #dirty(): void {
    if (this.#writing) return;
    this.database.exec("BEGIN");
    this.#writing = true;
    this.#flushing = Promise.withResolvers();
    const flushing = this.#flushing;
    this.#surroundings.timeline.after(this.#surroundings.chance.between(0, 8), () => {
      if (this.#flushing === flushing) this.#flush();
    });
  }

  #flush(): void {
    if (!this.#writing) return;
    this.database.exec("COMMIT");
    this.#writing = false;
    this.#durableAlarm = this.#alarm;
    this.#planAlarm();
    const flushing = this.#flushing;
    this.#flushing = null;
    flushing?.resolve();
  }

  /** Resolves when every row written so far is durable; never, if the object dies before. */
  async #gate(life: Life): Promise<void> {
    if (this.#flushing) await this.#flushing.promise;
    if (!life.alive) await new Promise(() => {});
  }

  async #post(life: Life, message: Message, now: () => number): Promise<Outcome> {
    await this.#gate(life);
    const outcome = await this.#surroundings.send(message, now);
    if (!life.alive) await new Promise(() => {});
    return outcome;
  }

  /** @param leastWait an alarm whose object has died is repeated later. Milliseconds */
  #planAlarm(leastWait = 0): void {
    this.#cancelAlarm();
    this.#cancelAlarm = () => {};
    if (this.#durableAlarm === null) return;
    const { timeline, chance } = this.#surroundings;
    // Alarms may be late.
    const late = chance.happens(0.1) ? chance.between(0, 5_000) : 0;
    const wait = Math.max(leastWait, this.#durableAlarm - (timeline.now + this.clockOffset) + late);
    this.#cancelAlarm = timeline.after(wait, () => void this.#fire());
  }

  async #fire(): Promise<void> {
    const { timeline } = this.#surroundings;
    const fired = this.#alarm;
    this.#alarm = null;
    const life = this.#start();
    try {
      await life.ready;
      const handled = Promise.resolve(life.shard.alarm());
      await Promise.race([handled, life.died.promise]);
      await Promise.race([this.#gate(life), life.died.promise]);
      this.#failedAlarms = 0;
      if (this.#durableAlarm === fired && this.#alarm === null) this.#durableAlarm = null;
      this.#planAlarm();
    } catch {
      // An alarm whose handler has failed is repeated.
      this.#alarm ??= fired;
      this.#durableAlarm ??= fired;
      const wait = Math.min(2_000 * 2 ** this.#failedAlarms++, longestBackoffMs);
      timeline.after(wait, () => void this.#fire());
    }
  }

  /** Sets the clock of the machine; the platform's alarms follow it. */
  moveClock(ms: number): void {
    this.clockOffset += ms;
    this.#planAlarm();
  }
}
