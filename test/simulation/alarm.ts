/**
 * The alarm of a simulated object, as the platform has it: one at a time, perhaps late, perhaps twice. A run that fails
 * is repeated after 2 s, 4 s and so on; after six repetitions the alarm is gone.
 * https://developers.cloudflare.com/durable-objects/api/alarms/
 */
import type { Chance } from "../support/chance.ts";
import type { Timeline } from "./timeline.ts";

/** The wait before the first repetition, and how many there are. Milliseconds. */
const firstRepetitionMs = 2_000;
const repetitions = 6;

/** An alarm is so late at most. Milliseconds. */
export const latestMs = 5_000;

export class SimulatedAlarm {
  /** The platform has given it up, and the object has set no other since: only a call wakes it. */
  givenUp = false;
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  readonly #object: { now(): number; runAlarm(): Promise<void> };
  /** As the object reads it, and as it is durable. Times of the object's clock. */
  #set: number | null = null;
  #durable: number | null = null;
  #cancel: (() => void) | null = null;
  #plannedAt = 0;
  #firing = false;
  #failures = 0;

  /** @param object `runAlarm` fails if the run has failed, or the object has died in it */
  constructor(timeline: Timeline, chance: Chance, object: { now(): number; runAlarm(): Promise<void> }) {
    this.#timeline = timeline;
    this.#chance = chance;
    this.#object = object;
  }

  get at(): number | null {
    return this.#set;
  }

  /** Whether the object will be woken by a time of the timeline; later, if the platform repeats a run that has failed. */
  wakesBy(time: number): boolean {
    const planned = this.#cancel !== null && (this.#failures > 0 || this.#plannedAt <= time);
    return this.#firing || planned;
  }

  /** Durable with the rows of the same transaction. */
  set(at: number): void {
    this.#set = at;
  }

  flushed(): void {
    this.#durable = this.#set;
    if (this.#durable !== null) this.givenUp = false;
    this.plan();
  }

  rolledBack(): void {
    this.#set = this.#durable;
    this.plan();
  }

  /** Plans the run by the object's clock. */
  plan(): void {
    if (this.#firing) return;
    this.#cancel?.();
    this.#cancel = null;
    if (this.#durable === null) return;
    const late = this.#chance.happens(0.1) ? this.#chance.between(0, latestMs) : 0;
    this.#planAfter(Math.max(0, this.#durable - this.#object.now()) + late);
  }

  #planAfter(ms: number): void {
    this.#plannedAt = this.#timeline.now + ms;
    this.#cancel = this.#timeline.after(ms, () => void this.fire());
  }

  /** Runs now. At-least-once allows that although it has run already. */
  async fire(): Promise<void> {
    if (this.#firing) return;
    this.#cancel?.();
    this.#cancel = null;
    this.#firing = true;
    const fired = this.#set;
    this.#set = null;
    const succeeded = await this.#object.runAlarm().then(
      () => true,
      () => false,
    );
    this.#firing = false;
    // An alarm that was set in the run takes the place of its repetitions.
    const replaced = this.#set !== null && this.#set !== fired;
    if (succeeded || replaced || fired === null) this.#ended(fired);
    else this.#repeat(fired);
  }

  #ended(fired: number | null): void {
    this.#failures = 0;
    if (this.#durable === fired && this.#set === null) this.#durable = null;
    this.plan();
  }

  #repeat(fired: number): void {
    const wait = firstRepetitionMs * 2 ** this.#failures;
    this.givenUp = ++this.#failures > repetitions;
    this.#set = this.#durable = this.givenUp ? null : fired;
    if (this.givenUp) this.#failures = 0;
    else this.#planAfter(wait);
  }
}
