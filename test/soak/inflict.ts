/** Carries out the faults of a soak, and undoes each at its end. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "../support/client.ts";
import { until } from "../support/until.ts";
import type { Mode } from "./behaviour.ts";
import { destinationFaults, type Fault, floodSize } from "./faults.ts";
import type { Gateway } from "./gateway.ts";
import type { Part } from "./processes.ts";
import type { Backend, ReceiverAnswers } from "./receivers.ts";
import { type DestinationName, rulesOf } from "./rules.ts";
import type { SenderAnswers } from "./sender.ts";

export interface Parts {
  gateway: Gateway;
  sender: Part<SenderAnswers>;
  receivers: Part<ReceiverAnswers>;
  urls: Readonly<Record<DestinationName | Backend, string>>;
  /** Writes a line into the log. */
  log(line: string): void;
}

/** An operator tries again while the gateway restarts. Milliseconds. */
const operatorWithinMs = 120_000;

/** Events that one replay sends again. */
const replayedAtOnce = 20;

export class Inflictor {
  readonly #parts: Parts;
  /** The destinations and backends that a fault befalls now: one at a time. */
  readonly #busy = new Map<string, Promise<void>>();
  /** One restart at a time. */
  #restarts: Promise<void> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The destination, backend or other part that a fault befalls. */
  subject({ kind, destination, change }: Fault): string {
    if (kind.startsWith("backend")) return "moderation";
    if (kind === "other rules") return change;
    return (destinationFaults as readonly string[]).includes(kind) ? destination : "";
  }

  /** Resolves when the fault is over. */
  inflict(fault: Fault): Promise<void> {
    const { kind, destination } = fault;
    switch (kind) {
      case "down":
      case "reset":
      case "hanging":
      case "gone":
        return this.#misbehaves(destination, { kind }, fault);
      case "slow":
        return this.#misbehaves(destination, { kind, ms: 500 + 1_000 * (fault.seconds % 1) }, fault);
      case "failing":
        return this.#misbehaves(destination, { kind, status: fault.status }, fault);
      case "rate limited":
        return this.#misbehaves(destination, { kind, seconds: Math.ceil(fault.seconds / 4) }, fault);
      case "pause":
        return this.#alone(destination, () => this.#pause(destination, fault.seconds));
      case "backend down":
        return this.#misbehaves("moderation", { kind: "down" }, fault);
      case "backend late":
        return this.#misbehaves("moderation", { kind: "late" }, fault);
      case "backend unreadable":
        return this.#misbehaves("moderation", { kind: "unreadable" }, fault);
      case "backend failing":
        return this.#misbehaves("moderation", { kind: "failing", status: 500 }, fault);
      case "SIGKILL":
        return this.#restart(() => this.#again("kill", null));
      case "SIGTERM":
        return this.#restart(() => this.#again("stop", null));
      case "other rules":
        return this.#restart(async () => {
          await this.#again(fault.seconds % 1 < 0.5 ? "kill" : "stop", fault.change);
          await sleep(fault.seconds * 1_000);
          await this.#again("stop", null);
        });
      case "flood":
        return this.#parts.sender.ask("flood", floodSize);
      case "replay":
        return this.#replay();
      case "replay of dead letters":
        return this.#operate("dead letters are replayed", async (client) => {
          const { queued } = await client.post("/api/dead-letters/replay");
          this.#parts.log(`${queued} dead letters replayed`);
        });
    }
  }

  async #misbehaves(name: DestinationName | Backend, mode: Mode, { seconds }: Fault): Promise<void> {
    await this.#alone(name, async () => {
      const { receivers } = this.#parts;
      await receivers.ask("behave", { name, mode });
      await sleep(seconds * 1_000);
      await receivers.ask("behave", { name, mode: { kind: "well" } });
      if (mode.kind === "gone") await this.#resume(name as DestinationName);
    });
  }

  async #pause(name: DestinationName, seconds: number): Promise<void> {
    await this.#operate(`${name} is paused`, (client) => client.pause(name));
    await sleep(seconds * 1_000);
    await this.#resume(name);
  }

  #resume(name: DestinationName): Promise<void> {
    return this.#operate(`${name} is resumed`, (client) => client.resume(name));
  }

  /** Sends events again that every destination has. A replay of one that waits would overtake its conversation. */
  #replay(): Promise<void> {
    return this.#operate("events are replayed", async (client) => {
      const { events } = await client.events({ state: "delivered", limit: replayedAtOnce });
      for (const { id } of events) await client.post(`/api/events/${id}/replay`);
      this.#parts.log(`${events.length} events replayed`);
    });
  }

  async #again(how: "kill" | "stop", change: Fault["change"] | null): Promise<void> {
    const { gateway, urls, log } = this.#parts;
    log(`${how}${change === null ? "" : `, then start where ${change}`}`);
    await gateway[how]();
    await gateway.start(rulesOf(urls, change));
    log("started");
  }

  /** An operator's request, again until it succeeds: the gateway may be down. */
  async #operate(condition: string, act: (client: Client) => Promise<unknown>): Promise<void> {
    await until(
      condition,
      () =>
        act(this.#parts.gateway).then(
          () => true,
          () => false,
        ),
      operatorWithinMs,
    );
  }

  #restart(act: () => Promise<void>): Promise<void> {
    this.#restarts = this.#restarts.then(act);
    return this.#restarts;
  }

  #alone(name: string, act: () => Promise<void>): Promise<void> {
    const acting = (this.#busy.get(name) ?? Promise.resolve()).then(act);
    this.#busy.set(name, acting);
    return acting;
  }
}
