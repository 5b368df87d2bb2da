/** Compares the promises of the gateway with its storage and its deliveries: after each step, and at the end. */
import type { DestinationReport } from "../../src/shard/pump/report.ts";
import { type Books, booksOf } from "../shard/books.ts";
import { invariants } from "../shard/invariants.ts";
import { asleep } from "./asleep.ts";
import { type EverKept, imbalances } from "./balance.ts";
import type { SimulatedGateway } from "./gateway.ts";
import type { SimulatedObject } from "./object.ts";
import { hasTables } from "./object-storage.ts";
import type { DestinationName } from "./steps.ts";

/** The size of a run, to show that it tests something. */
export interface Tally {
  events: number;
  acknowledged: number;
  deliveries: number;
  repeats: number;
  deadLetters: number;
  expired: number;
  deaths: number;
  aborts: number;
  /** Events that viewers of the tail were shown. */
  shown: number;
  /** Relay events. */
  told: number;
}

export class Bookkeeper {
  readonly #gateway: SimulatedGateway;
  readonly #everKept: EverKept = new Map();
  readonly #known = new Map<SimulatedObject, { state: string; books: Books }>();
  #expired = 0;

  constructor(gateway: SimulatedGateway) {
    this.#gateway = gateway;
  }

  get #objects(): SimulatedObject[] {
    return this.#gateway.shards.filter((object) => object && hasTables(object));
  }

  /** After a step: the promises that are broken, as sentences. */
  look(): string[] {
    const gateway = this.#gateway;
    const { history, complaints } = gateway;
    history.note();
    const shards = this.#objects.map((object) => this.#booksOf(object));
    for (const { entries } of shards)
      for (const { position, event } of entries) {
        const positions = this.#everKept.get(event.id) ?? new Set();
        this.#everKept.set(event.id, positions.add(position));
      }
    const destinations = this.#gateway.wanting.filter((name) => history.alwaysWanted(name));
    const storage = { shards, destinations };
    const broken = Object.entries(invariants).flatMap(([name, check]) => {
      // Fingerprints are remembered for ten minutes: a clock that jumps ahead forgets them. With one that was set back,
      // a delivery seems to have been given up before a replay of dead letters was ordered.
      const needsClock = name === "one event an id" || name === "replays keep their books";
      if (needsClock && this.#objects.some(({ clockMoved }) => clockMoved)) return [];
      return [...check(storage)].map((found) => `${name}: ${found}`);
    });
    const shown = this.#gateway.viewers.complaints(this.#everKept);
    const told = this.#gateway.relayEvents.look(shards, this.#everKept);
    const sleepers = this.#objects.flatMap((object, index) => [
      ...asleep(this.#gateway, object, shards[index]!),
    ]);
    const bound = gateway.wanting.flatMap((name) => gateway.destinations.get(name)!.bindings.complaints);
    return [
      ...complaints,
      ...gateway.listeners.complaints(),
      ...bound,
      ...broken,
      ...shown,
      ...told,
      ...sleepers,
    ];
  }

  /** Reads the rows of an object, if they may have changed. */
  #booksOf(object: SimulatedObject): Books {
    const { database, deaths, name } = object;
    const [rows] = database.prepare("SELECT total_changes() AS changes").all();
    const [schema] = database.prepare("PRAGMA schema_version").all();
    const state = JSON.stringify([rows, schema, deaths.length]);
    const known = this.#known.get(object);
    if (known?.state === state) return known.books;
    const books = booksOf(database, name);
    this.#known.set(object, { state, books });
    return books;
  }

  /** At the end of a run in which everything became well. */
  async close(): Promise<string[]> {
    const reports = await this.#reports();
    this.#expired = [...reports.values()].flat().reduce((sum, { expired }) => sum + expired, 0);
    return imbalances(this.#gateway, this.#everKept, reports);
  }

  async #reports(): Promise<Map<DestinationName, DestinationReport[]>> {
    const reports = new Map<DestinationName, DestinationReport[]>();
    for (const [index, object] of this.#gateway.shards.entries()) {
      if (!object) continue;
      const asked = this.#gateway.ask(index, (shard) => shard.destinations());
      await this.#gateway.timeline.until(asked, 60_000);
      for (const report of (await asked) ?? []) {
        const name = report.name as DestinationName;
        reports.set(name, [...(reports.get(name) ?? []), report]);
      }
    }
    return reports;
  }

  tally(): Tally {
    const { sent, destinations, shards } = this.#gateway;
    const taken = [...destinations.values()].map(({ taken }) => taken.size);
    const arrivals = [...destinations.values()]
      .flatMap(({ arrivals }) => arrivals)
      .filter(({ taken }) => taken);
    const deliveries = taken.reduce((sum, size) => sum + size, 0);
    return {
      events: sent.length,
      acknowledged: sent.filter(({ acknowledged }) => acknowledged).length,
      deliveries,
      repeats: arrivals.length - deliveries,
      deadLetters: this.#objects
        .flatMap((object) => booksOf(object.database, object.name).settled)
        .filter(({ state }) => state === "dead").length,
      expired: this.#expired,
      deaths: shards.reduce((sum, object) => sum + (object?.deaths.length ?? 0), 0),
      aborts: shards.reduce((sum, object) => sum + (object?.aborts ?? 0), 0),
      shown: this.#gateway.viewers.lines,
      told: this.#gateway.relayEvents.told,
    };
  }
}
