/** Runs the pumps: after a call, when the timer of the schedule has run down, and when the alarm fires. */
import { log } from "../log.ts";
import type { ClockSteps } from "./clock-steps.ts";
import type { Coordinator } from "./cluster/coordinator.ts";
import type { Eraser } from "./erase/eraser.ts";
import type { ErasureOrders } from "./erase/orders.ts";
import type { Meter } from "./meter.ts";
import type { Presence } from "./presence.ts";
import type { Destinations } from "./pump/destinations.ts";
import type { Sender } from "./pump/sender.ts";
import type { Relay } from "./relay/relay.ts";
import type { ReplayOrders } from "./replay/orders.ts";
import type { Retention } from "./retention.ts";
import type { RetryNow } from "./retry-now.ts";
import type { Schedule } from "./schedule.ts";
import type { ShardStorage } from "./storage.ts";
import type { Watchdog } from "./watchdog.ts";

/** The stages that have something to do in a run. */
export interface RunStages {
  readonly clockSteps: ClockSteps;
  readonly sender: Sender;
  readonly destinations: Destinations;
  readonly eraser: Eraser;
  readonly relay: Relay;
  readonly watchdog: Watchdog;
  readonly storage: ShardStorage;
}

/** The stages that have something to do when the alarm fires. */
export interface AlarmStages {
  readonly schedule: Schedule;
  readonly retention: Retention;
  readonly coordinator: Coordinator;
  readonly presence: Presence;
  readonly orders: ReplayOrders;
  readonly erasureOrders: ErasureOrders;
  readonly retryNow: RetryNow;
  readonly meter: Meter;
}

export class Runner {
  readonly #run: RunStages;
  readonly #alarm: AlarmStages;

  constructor(run: RunStages, alarm: AlarmStages) {
    this.#run = run;
    this.#alarm = alarm;
  }

  /** An invocation of the object begins: a call, a timer or the alarm. */
  begin(): void {
    this.#safely(() => {
      this.#run.sender.beginInvocation();
      this.#run.clockSteps.look();
    });
  }

  /** Begins every post that may begin in this invocation. */
  drain(): void {
    this.begin();
    this.pump();
  }

  /** Begins every post that may begin now. */
  pump(): void {
    this.#safely(() => {
      this.#run.destinations.run();
      this.#run.eraser.wake();
      this.#run.relay.run();
      this.#run.watchdog.arm();
    });
  }

  /** An error of the object's own work fails no caller and no timer: the object starts again from its rows. */
  #safely(work: () => void): void {
    if (this.#run.storage.broken) return;
    try {
      work();
    } catch (error) {
      this.#run.storage.restart(error);
    }
  }

  /** The alarm catches everything: nothing may keep it from being armed again. */
  async alarm(): Promise<void> {
    const { schedule, retention, coordinator, presence, orders, erasureOrders, retryNow, meter } =
      this.#alarm;
    meter.count("alarms");
    meter.count("shardRequests");
    schedule.fired();
    this.#run.storage.wakeAgain();
    this.drain();
    await this.#step(() => retention.run());
    await this.#step(() => coordinator.notify());
    await this.#step(() => presence.notify());
    await this.#step(() => orders.notify());
    await this.#step(() => erasureOrders.notify());
    await this.#step(() => retryNow.run());
    this.pump();
  }

  async #step(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      log.error("alarm", { shard: this.#run.storage.shard, error: String(error) });
    }
  }

  /** The object has started: from here on it goes on with the work that its rows record. */
  async start(): Promise<void> {
    await this.#alarm.schedule.load();
    this.drain();
  }

  /**
   * A shard that has no cluster state asks shard 0 for it, and sends nothing before. An alarm asks again if shard 0 does
   * not answer. So it is with the receivers that are there. Retry lists that were to become due before the start become
   * due.
   */
  async initialize(): Promise<void> {
    const { coordinator, presence, retryNow } = this.#alarm;
    if (presence.unfinished) await this.#step(() => presence.notify());
    if (retryNow.unfinished) await this.#step(() => retryNow.run());
    if (!coordinator.uninitialized) return;
    await coordinator.notify().catch(() => {});
    this.drain();
  }
}
