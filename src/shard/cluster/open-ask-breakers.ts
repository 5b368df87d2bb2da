/**
 * The open breakers of ask rules, as isolates of the Worker tell shard 0. They stand in its memory alone. An isolate
 * tells again while it gets before-callbacks; one that falls silent is forgotten.
 */
import { elapsed } from "../../elapsed.ts";

/** The state of ask and answer rules that holds in all isolates. */
export interface RuleStanding {
  /** Names that an operator has paused, names of destinations too. */
  paused: string[];
  /**
   * The breakers that are open in an isolate: an ask rule's name, of several backends followed by the place of one as in
   * `moderation ask[1]`; and `limit:too-fast 0`, where the counts of a rule by one object do not come in time.
   */
  open: string[];
}

/** How long the word of an isolate counts. Milliseconds. */
const countsForMs = 60_000;

/** Isolates that are remembered: each has a breaker of its own. */
const mostIsolates = 1_000;

export class OpenAskBreakers {
  readonly #told = new Map<string, { at: number; open: readonly string[] }>();

  /** @param open breakers of the isolate; none: all are closed */
  hear(isolate: string, open: readonly string[], now: number): void {
    this.#told.delete(isolate);
    if (open.length === 0) return;
    if (this.#told.size >= mostIsolates) this.#told.delete(this.#told.keys().next().value!);
    this.#told.set(isolate, { at: now, open });
  }

  /** The breakers that are open in any isolate. */
  open(now: number): string[] {
    for (const [isolate, { at }] of this.#told)
      if (elapsed(at, now) > countsForMs) this.#told.delete(isolate);
    return [...new Set([...this.#told.values()].flatMap(({ open }) => open))];
  }
}
