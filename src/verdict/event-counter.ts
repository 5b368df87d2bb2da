import type { CountResult, Limit } from "../rule/limit.ts";

/** The place where events are counted for limits, over the whole gateway. */
export interface EventCounter {
  /** Counts an event. True: it is beyond the limit. */
  count(rule: string, limit: Limit, value: string): Promise<boolean>;
  /** Hears how a count of a rule has ended. */
  counted(rule: string, result: CountResult): void;
}
