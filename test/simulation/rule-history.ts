/** The rules of a simulation over time: they decide which events a destination is promised. */
import type { SimulatedGateway } from "./gateway.ts";
import { hasTables } from "./object-storage.ts";
import type { AnyName, DestinationName } from "./steps.ts";

export class RuleHistory {
  readonly #gateway: SimulatedGateway;
  /** By destination: events that its rule lets pass by. */
  readonly #passedBy: ReadonlyMap<DestinationName, Set<string>>;
  /** Destinations that were disabled or without a rule at some time: losses to retention were not counted then. */
  readonly #losesUncounted = new Set<DestinationName>();
  /** Destinations whose rule was removed at some time, and since when: a shard that started then knows nothing of them. */
  readonly #removed = new Map<DestinationName, number>();
  readonly #wasOff = new Set<DestinationName>();
  /** Names and shards that started while no rule had the name: there it begins with the first event after it appears. */
  readonly #bornWithout = new Set<string>();
  readonly #born = new Set<number>();

  constructor(gateway: SimulatedGateway) {
    this.#gateway = gateway;
    this.#passedBy = new Map(gateway.wanting.map((name) => [name, new Set()]));
  }

  /** Looks at the rules as they are after a step. */
  note(): void {
    for (const [index, object] of this.#gateway.shards.entries()) {
      if (!object || this.#born.has(index) || !hasTables(object)) continue;
      this.#born.add(index);
      for (const name of this.#gateway.wanting)
        if (this.#gateway.rule(name) === "removed") this.#bornWithout.add(`${name} ${index}`);
    }
    for (const [name, passedBy] of this.#passedBy) {
      const rule = this.#gateway.rule(name);
      if (rule === "off" || this.#wasOff.has(name)) for (const { id } of this.#gateway.sent) passedBy.add(id);
      if (rule === "off") this.#wasOff.add(name);
      else this.#wasOff.delete(name);
      if (rule === "removed") this.#noteRemoved(name);
      if (rule === "removed" || rule === "off") this.#losesUncounted.add(name);
      if (this.#gateway.destinations.get(name)!.behaviour === "gone") this.#losesUncounted.add(name);
    }
  }

  /** A name without a rule is forgotten after the time of retention. */
  #noteRemoved(name: DestinationName): void {
    const { timeline, retentionMs, shards, forgotten } = this.#gateway;
    const since = this.#removed.get(name) ?? timeline.now;
    this.#removed.set(name, since);
    const clockMoved = shards.some((object) => object?.clockMoved);
    if (clockMoved || timeline.now - since >= retentionMs) forgotten.add(name);
  }

  /** Whether the destination is promised every event, and always was. */
  alwaysWanted(name: DestinationName): boolean {
    return (
      this.#passedBy.get(name)!.size === 0 && !this.wasRemoved(name) && this.#gateway.rule(name) !== "off"
    );
  }

  /** Whether its rule was removed, or its name forgotten, at some time. */
  wasRemoved(name: DestinationName): boolean {
    return this.#removed.has(name) || this.#gateway.forgotten.has(name);
  }

  /** Whether the destination is promised an event. */
  promises(name: DestinationName, { id, shard }: { id: string; shard: number }): boolean {
    return !(
      this.#passedBy.get(name)!.has(id) ||
      this.#gateway.forgotten.has(name) ||
      this.#bornWithout.has(`${name} ${shard}`)
    );
  }

  passesBy(name: AnyName, id: string): boolean {
    return this.#passedBy.get(name as DestinationName)?.has(id) ?? false;
  }

  losesUncounted(name: DestinationName): boolean {
    return this.#losesUncounted.has(name);
  }
}
