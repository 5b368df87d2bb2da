import type { CountResult, Limit } from "../rule/limit.ts";

/** Where the events of a value are counted. */
export interface CountPlace {
  /** The number of the object, from 0: each rule has so many, and one of them may be overloaded while others are not. */
  object: number;
  /** The value within the object. */
  key: number;
}

/** Counts events for limits, over the whole gateway. */
export interface EventCounter {
  placeOf(value: string): Promise<CountPlace>;
  /** Counts an event. True: it is beyond the limit. */
  count(rule: string, limit: Limit, place: CountPlace): Promise<boolean>;
  /** Hears how a count of a rule has ended. */
  counted(rule: string, result: CountResult): void;
}
