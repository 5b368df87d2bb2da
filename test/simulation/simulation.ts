/**
 * One simulated run of the gateway: steps, then time to recover, then the books. The seed decides everything that the
 * steps leave open, so that a run is the same each time.
 */
import { booksOf } from "../shard/books.ts";
import { invariants } from "../shard/invariants.ts";
import { Chance } from "./chance.ts";
import { SimulatedGateway } from "./gateway.ts";
import { type DestinationName, destinationNames, drawSteps, type Step } from "./steps.ts";
import { Timeline } from "./timeline.ts";

export interface Run {
  seed: number;
  steps: readonly Step[];
}

/** The problems of a run, and the step after which they showed. */
export interface Failure {
  /** Its number among the steps; null: at the end. */
  step: number | null;
  problems: string[];
}

/** The size of a run, to show that it tests something. */
export interface Tally {
  events: number;
  acknowledged: number;
  deliveries: number;
  deadLetters: number;
  expired: number;
  aborts: number;
}

const startsAt = Date.parse("2026-11-22T12:00:00Z");

/** Steps of a run. */
const stepCount = 40;

/** How long the gateway has to recover. Milliseconds. */
const recoveryMs = 3 * 3_600_000;

export function drawRun(seed: number): Run {
  return { seed, steps: drawSteps(stepCount, new Chance(seed)) };
}

export async function simulate({ seed, steps }: Run): Promise<{ failure: Failure | null; tally: Tally }> {
  const world = new Chance(seed ^ 0x5f3759df);
  const timeline = new Timeline(startsAt, world);
  const gateway = new SimulatedGateway(timeline, world);
  const books = new Bookkeeper(gateway);
  const tally = () => books.tally();
  for (const [number, step] of steps.entries()) {
    const taken = gateway.take(step);
    taken?.catch(() => {});
    await timeline.pass(step.do === "pass" ? step.ms : world.between(0, 30));
    books.note();
    const problems = books.brokenInvariants();
    if (problems.length > 0) return { failure: { step: number, problems }, tally: tally() };
  }
  await timeline.pass(40_000);
  await gateway.heal();
  books.note();
  await timeline.until(
    gateway.ask(0, (shard) => shard.join(gateway.shardCount)),
    60_000,
  );
  for (const name of destinationNames)
    await timeline.until(
      gateway.ask(0, (shard) => shard.steer(name, "resume")),
      60_000,
    );
  await timeline.pass(recoveryMs);
  const problems = [...books.brokenInvariants(), ...(await books.imbalances())];
  return { failure: problems.length > 0 ? { step: null, problems } : null, tally: tally() };
}

/** Compares what the gateway promised with what came of it. */
class Bookkeeper {
  readonly #gateway: SimulatedGateway;
  /** By destination: events that its rule lets pass by. */
  readonly #passedBy = new Map<DestinationName, Set<string>>(
    destinationNames.map((name) => [name, new Set()]),
  );
  /** Destinations that were disabled or without a rule at some time: what retention takes from them is not counted. */
  readonly #losesUncounted = new Set<DestinationName>();
  /** Destinations whose rule was removed at some time: a shard that started then knows nothing of them. */
  readonly #removed = new Set<DestinationName>();
  readonly #wasOff = new Set<DestinationName>();
  /** Names and shards that started while no rule had the name: there it begins with the first event after it appears. */
  readonly #bornWithout = new Set<string>();
  readonly #born = new Set<number>();
  #expired = 0;

  constructor(gateway: SimulatedGateway) {
    this.#gateway = gateway;
  }

  /** Looks at the rules as they are after a step. */
  note(): void {
    for (const [index, object] of this.#gateway.shards.entries()) {
      if (!object || this.#born.has(index) || !hasTables(object.database)) continue;
      this.#born.add(index);
      for (const name of destinationNames)
        if (this.#gateway.rule(name) === "removed") this.#bornWithout.add(`${name} ${index}`);
    }
    for (const [name, passedBy] of this.#passedBy) {
      const rule = this.#gateway.rule(name);
      if (rule === "off" || passedBy.size > 0)
        if (rule === "off" || this.#wasOff.has(name))
          for (const { id } of this.#gateway.sent) passedBy.add(id);
      if (rule === "off") this.#wasOff.add(name);
      else this.#wasOff.delete(name);
      if (rule === "removed") this.#removed.add(name);
      if (rule === "removed" || rule === "off") this.#losesUncounted.add(name);
      if (this.#gateway.destinations.get(name)!.behaviour === "gone") this.#losesUncounted.add(name);
    }
  }

  brokenInvariants(): string[] {
    const shards = this.#gateway.shards.flatMap((object) =>
      object && hasTables(object.database) ? [booksOf(object.database, object.name)] : [],
    );
    const destinations = destinationNames.filter(
      (name) =>
        this.#passedBy.get(name)!.size === 0 &&
        !this.#gateway.forgotten.has(name) &&
        !this.#removed.has(name) &&
        this.#gateway.rule(name) !== "off",
    );
    return Object.entries(invariants).flatMap(([name, check]) => {
      // Fingerprints are remembered for ten minutes: a clock that jumps ahead forgets them.
      if (name === "one event an id" && this.#gateway.clockMoved) return [];
      return [...check({ shards, destinations })].map((found) => `${name}: ${found}`);
    });
  }

  /** At the end: every acknowledged event is accounted for, and conversations are in order. */
  async imbalances(): Promise<string[]> {
    const problems: string[] = [];
    const books = new Map(
      this.#gateway.shards.flatMap((object, index) =>
        object ? [[index, booksOf(object.database, object.name)]] : [],
      ),
    );
    const kept = new Map<string, number>();
    for (const { entries } of books.values())
      for (const { position, event } of entries) if (!kept.has(event.id)) kept.set(event.id, position);
    const expired = await this.#expiredCounts();
    for (const name of destinationNames) {
      const destination = this.#gateway.destinations.get(name)!;
      const { taken } = destination;
      const dead = new Set(
        [...books.values()].flatMap(({ settled, entries }) => {
          const ids = new Map(entries.map(({ position, event }) => [position, event.id]));
          return settled.flatMap((row) =>
            row.destination === name && row.state === "dead" ? [ids.get(row.position)!] : [],
          );
        }),
      );
      let missing = 0;
      for (const { id, number, quarantined, acknowledged, shard } of this.#gateway.sent) {
        if (quarantined && taken.has(id) && !this.#gateway.replayed.has(id))
          problems.push(`${name}: quarantined event ${number} was sent`);
        if (!acknowledged || quarantined) continue;
        if (taken.has(id) || dead.has(id)) continue;
        if (this.#passedBy.get(name)!.has(id) || this.#gateway.forgotten.has(name)) continue;
        if (this.#bornWithout.has(`${name} ${shard}`)) continue;
        if (kept.has(id)) problems.push(`${name}: event ${number} on shard ${shard} was never delivered`);
        else missing++;
      }
      if (missing > (expired.get(name) ?? 0) && !this.#losesUncounted.has(name))
        problems.push(
          `${name}: ${missing} events are gone, ${expired.get(name) ?? 0} are counted as expired`,
        );
      if (name === "ordered" || name === "both") problems.push(...this.#disorder(name, kept));
    }
    return problems;
  }

  /** First attempts of a conversation that came in another order than their events were kept. */
  #disorder(name: DestinationName, kept: ReadonlyMap<string, number>): string[] {
    const first = new Map<string, number>();
    for (const [index, { id, taken }] of this.#gateway.destinations.get(name)!.arrivals.entries())
      if (taken && !first.has(id)) first.set(id, index);
    const groups = new Map<string, { id: string; number: number }[]>();
    for (const { id, conversation, shard, number } of this.#gateway.sent) {
      if (conversation === null || !kept.has(id) || !first.has(id)) continue;
      if (this.#gateway.replayed.has(id) || this.#passedBy.get(name)!.has(id)) continue;
      const key = `${shard} ${conversation}`;
      groups.set(key, [...(groups.get(key) ?? []), { id, number }]);
    }
    return [...groups].flatMap(([key, events]) => {
      const byKeeping = events.toSorted((a, b) => kept.get(a.id)! - kept.get(b.id)!);
      const byArrival = events.toSorted((a, b) => first.get(a.id)! - first.get(b.id)!);
      return byKeeping.some(({ id }, index) => byArrival[index]!.id !== id)
        ? [`${name}: ${key} was kept as ${shown(byKeeping)}, and arrived as ${shown(byArrival)}`]
        : [];
    });
  }

  async #expiredCounts(): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (const [index, object] of this.#gateway.shards.entries()) {
      if (!object) continue;
      const asked = this.#gateway.ask(index, (shard) => shard.destinations());
      await this.#gateway.timeline.until(asked, 60_000);
      const reports = await asked;
      for (const { name, expired } of reports ?? []) counts.set(name, (counts.get(name) ?? 0) + expired);
    }
    for (const expired of counts.values()) this.#expired += expired;
    return counts;
  }

  tally(): Tally {
    const { sent, destinations, shards } = this.#gateway;
    const objects = shards.filter((object) => object !== undefined && hasTables(object.database));
    return {
      events: sent.length,
      acknowledged: sent.filter(({ acknowledged }) => acknowledged).length,
      deliveries: [...destinations.values()].reduce((sum, { taken }) => sum + taken.size, 0),
      deadLetters: objects
        .flatMap((object) => booksOf(object.database, object.name).settled)
        .filter(({ state }) => state === "dead").length,
      expired: this.#expired,
      aborts: objects.reduce((sum, { aborts }) => sum + aborts, 0),
    };
  }
}

/** A shard that died in its first turn has no tables yet. */
function hasTables(database: { prepare(sql: string): { all(): unknown[] } }): boolean {
  const names = database.prepare("SELECT name FROM sqlite_master").all() as { name: string }[];
  return ["retry", "blocked", "standing"].every((name) => names.some((one) => one.name === name));
}

function shown(events: readonly { number: number }[]): string {
  return events.map(({ number }) => number).join(" ");
}
