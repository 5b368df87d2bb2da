/** A shard's stages without a platform: storage in memory, a clock and a network of the test. */
import { DatabaseSync } from "node:sqlite";
import type { Event } from "../../src/callback/event.ts";
import { newEventId } from "../../src/callback/event-id.ts";
import { readConfig } from "../../src/config.ts";
import type { Message } from "../../src/delivery/message.ts";
import { type Missed, NoReceiver } from "../../src/delivery/no-answer.ts";
import { answered, type Outcome, unanswered } from "../../src/delivery/outcome.ts";
import { say } from "../../src/sentence.ts";
import type { Append } from "../../src/shard/append/append.ts";
import type { Clock } from "../../src/shard/clock.ts";
import type { ClusterState } from "../../src/shard/cluster/cluster-state.ts";
import type { ErasureOrder } from "../../src/shard/erase/eraser.ts";
import { packEvent } from "../../src/shard/journal/packed-event.ts";
import type { Report } from "../../src/shard/journal/relay-record.ts";
import type { Arrivals } from "../../src/shard/presence.ts";
import { partialOutcomes } from "../../src/shard/pump/partial-outcomes.ts";
import { type DestinationReport, destinationReports } from "../../src/shard/pump/report.ts";
import type { HandedOrder } from "../../src/shard/replay/order.ts";
import type { Sql } from "../../src/shard/sql.ts";
import { type Stages, stagesOf } from "../../src/shard/stages.ts";
import type { Batch } from "../../src/shard/tail/feed.ts";
import type { Watched } from "../../src/shard/tail/interest.ts";
import { eventWith } from "../delivery/sample.ts";
import { TestClock } from "../support/test-clock.ts";
import { newSql } from "./sqlite.ts";

/** Noon, far from the end of a day. */
export const noon = Date.parse("2026-11-22T12:00:00Z");

/** Answers a post: a status, after some milliseconds or when the test says so; `headers` as the destination gives them. */
export type Answer = {
  status: number;
  ms?: number;
  when?: Promise<void>;
  headers?: Record<string, string>;
};

export interface Posted extends Message {
  at: number;
}

export class TestShard {
  readonly clock: TestClock;
  readonly posts: Posted[] = [];
  /** How the destination answers. */
  answer: (message: Message) => Answer = () => ({ status: 200 });
  alarmAt: number | null = null;
  /** Why the object was ended by itself; null: it runs. */
  aborted: string | null = null;
  /** The size of its database, as the platform tells it. Bytes. */
  size = 0;
  stages!: Stages;
  readonly #rules: readonly object[];
  readonly #settings: Readonly<Record<string, string>>;
  readonly #index: number;
  readonly #database = new DatabaseSync(":memory:");
  #sent = 0;
  /** How often the object has started. */
  #lives = 0;

  /** Calls of other shards that this one has made. */
  readonly peerCalls: string[] = [];
  /** How the next messages miss a listener; null: they do not. */
  misses: Missed | null = null;
  /** Whether other shards do not hear of receivers. */
  deaf = false;
  /** The receivers that shard 0 knows. */
  arrivals: Arrivals = {};
  /** The state that shard 0 has; null: it does not answer. */
  cluster: ClusterState | null = null;

  constructor(
    rules: readonly object[],
    {
      index = 0,
      now = noon,
      settings = {},
    }: { index?: number; now?: number; settings?: Record<string, string> } = {},
  ) {
    this.clock = new TestClock(now);
    this.#rules = rules;
    this.#settings = settings;
    this.#index = index;
  }

  /** Starts the object, or starts it again from its rows, as after a crash; its statements without effect always work. */
  async start(rules: readonly object[] = this.#rules, { writable = true } = {}): Promise<this> {
    const config = readConfig({
      SDK_APP_ID: "1400000000",
      ALLOW_PRIVATE_DESTINATIONS: "true",
      FORWARD_RULES: JSON.stringify(rules),
      ...this.#settings,
    });
    this.aborted = null;
    this.stages = stagesOf(this.#host(), config, this.#clockOfLife(++this.#lives));
    this.writable = writable;
    if (this.stages.destinations.unrecorded) this.stages.progress.tryWrite();
    await this.stages.runner.start();
    void this.stages.runner.initialize();
    await this.clock.advance(0);
    return this;
  }

  /** The timers of an object end with it. */
  #clockOfLife(life: number): Clock {
    const { clock } = this;
    return {
      now: () => clock.now(),
      random: () => clock.random(),
      after: (ms, run) => clock.after(ms, () => void (life === this.#lives && run())),
    };
  }

  /** Shard 0 takes what this one feeds it. */
  async feed(_shard: number, _batch: Batch): Promise<Watched> {
    return { version: 0, filters: [] };
  }

  /** Shard 0 hears what this one has found out. */
  hear(_shard: number, _report: Report): void {}

  /** Its database, for a test that damages rows. */
  get sql(): Sql {
    return newSql(this.#database);
  }

  #host() {
    const post = (message: Message) => this.#post(message);
    const size = () => this.size;
    const called = async (name: string): Promise<ClusterState> => {
      this.peerCalls.push(name);
      if (this.cluster === null) throw new Error("unreachable");
      return this.cluster;
    };
    const database = this.#database;
    return {
      index: this.#index,
      version: "0.0.0",
      post,
      courier: {
        post: (messages: readonly Message[]) =>
          partialOutcomes(new Map(messages.map(post).entries()), this.clock),
      },
      shard: () => ({
        drain: async () => {
          await null;
          this.stages.runner.drain();
        },
        join: () => called("join"),
        steer: async (destination: string, action: string) => void (await called(`${action} ${destination}`)),
        takeReplay: async ({ id, cancelled }: HandedOrder) =>
          void (await called(`${cancelled ? "cancel" : "begin"} ${id}`)),
        takeErasure: async ({ id }: ErasureOrder) => void (await called(`erase ${id}`)),
        learn: async (state: ClusterState) => void (await called(`learn ${state.version}`)),
        report: async (shard: number, report: Report) => this.hear(shard, report),
        watch: async () => ({ version: 0, from: 0 }),
        feed: (shard: number, batch: Batch) => this.feed(shard, batch),
        tailPage: async () => ({ items: [], next: 0, end: true }),
        arrivals: async () => {
          this.peerCalls.push("arrivals");
          return this.arrivals;
        },
        receiversChanged: async () => {
          this.peerCalls.push("receiversChanged");
          if (this.deaf) throw new Error("unreachable");
        },
      }),
      sockets: () => [],
      pings: { pingedAt: () => null },
      state: {
        waitUntil: (promise: Promise<unknown>) => void promise.catch(() => {}),
        abort: (reason: string) => {
          this.aborted = reason;
        },
        storage: {
          sql: {
            ...newSql(database),
            get databaseSize() {
              return size();
            },
          },
          transactionSync(write: () => void) {
            database.exec("SAVEPOINT written");
            try {
              write();
              database.exec("RELEASE written");
            } catch (error) {
              database.exec("ROLLBACK TO written; RELEASE written");
              throw error;
            }
          },
          sync: async () => {},
          getAlarm: async () => this.alarmAt,
          setAlarm: async (at: number) => {
            this.alarmAt = at;
          },
        },
      },
    };
  }

  async #post(message: Message): Promise<Outcome> {
    const at = this.clock.now();
    this.posts.push({ ...message, at });
    const { status, ms = 0, when, headers = {} } = this.answer(message);
    const passed = () => new Promise<void>((resolve) => void this.clock.after(ms, resolve));
    await (when ?? passed());
    if (this.misses) return unanswered(new NoReceiver(say`gone`, this.misses), at, this.clock.now());
    return answered({ status, headers: new Headers(headers) }, "", at, this.clock.now());
  }

  /**
   * Hands over an event of a conversation, and waits until it is written.
   * @param misfit the paths of its issues, if it is quarantined
   * @param beside it: differences from its document, counts of its Worker
   */
  async append(
    conversation: string | null = null,
    changed: Partial<Event> = {},
    misfit: string[] = [],
    beside: Partial<Pick<Append, "drift" | "tally" | "patient" | "marks">> = {},
  ): Promise<Event> {
    const receivedAt = this.clock.now();
    const body = JSON.stringify({ n: ++this.#sent });
    const id = newEventId(this.#index, receivedAt, crypto.getRandomValues(new Uint8Array(12)));
    const event = eventWith({ id, conversation, receivedAt, body, ...changed });
    const append: Append = {
      ...packEvent(event, [this.#sent]),
      command: event.command,
      ...(event.quarantined && { misfit }),
      ...beside,
    };
    this.stages.runner.begin();
    const [, appended] = await Promise.all([
      this.clock.advance(60),
      Promise.allSettled([this.stages.intake.append(append)]),
    ]);
    if (appended[0].status === "rejected") throw appended[0].reason;
    return event;
  }

  /** From now on SQLite takes writes, or refuses them as a full disk does. */
  set writable(writable: boolean) {
    this.#database.exec(`PRAGMA query_only = ${writable ? "OFF" : "ON"}`);
  }

  /** From now on the database does not grow, as at its limit. */
  stopGrowing(): void {
    const [{ page_count: pages } = {}] = this.#database.prepare("PRAGMA page_count").all();
    this.#database.exec(`PRAGMA max_page_count = ${pages}`);
  }

  /** Moves the clock on; the alarm fires when it is due. */
  async advance(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    while (this.alarmAt !== null && this.alarmAt <= until) {
      await this.clock.advance(Math.max(0, this.alarmAt - this.clock.now()));
      this.alarmAt = null;
      const alarm = this.stages.runner.alarm();
      await this.clock.advance(0);
      await alarm;
    }
    await this.clock.advance(Math.max(0, until - this.clock.now()));
  }

  /** The report of a destination. */
  report(name: string): DestinationReport {
    const { destinations, retries, settled, coordinator } = this.stages;
    const sources = { destinations, retries, settled, cluster: coordinator };
    return destinationReports(sources, 168 * 3_600_000, this.clock).find((one) => one.name === name)!;
  }

  /** The events' numbers as they were posted. */
  get posted(): number[] {
    return this.posts.map(({ body }) => (JSON.parse(body) as { data: { n: number } }).data.n);
  }
}
