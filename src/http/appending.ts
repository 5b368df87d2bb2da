/**
 * How events go to a shard: each at once, in a call of its own; but in a flood they go in groups, so that it becomes
 * few requests of an object that can take only so many a second.
 * https://developers.cloudflare.com/durable-objects/platform/limits/
 *
 * A group's call is made by the request whose event came first; the runtime lets the others go on in contexts of their
 * own (compatibility flag `handle_cross_request_promise_resolution`, on since 2024-10-14). Should the first go away,
 * the others still have deadlines of their own, try again alone, and whoever comes later begins another group.
 */

/** Events that make a flood: so many alone on their way at once, or so many in a group. */
const flood = 16;

/** A group goes after so long, or with so many. Milliseconds. */
const gathersFor = 6;
const mostTogether = 48;

/** Bodies of one call; a call may hold 32 MiB. Bytes. */
const mostBytes = 4 * 1024 * 1024;

/** A call whose end was not seen by then has no request any more that could see it. Milliseconds. */
const forgottenAfter = 6_000;

interface Group<Append> {
  since: number;
  appends: Append[];
  bytes: number;
  full: PromiseWithResolvers<void>;
  kept: PromiseWithResolvers<void>;
}

/** The events of this isolate on their way to one shard. */
export class Appending<Append extends { readonly size: number }> {
  readonly #now: () => number;
  readonly #wait: (ms: number) => Promise<void>;
  /** When the calls under way began, oldest first. */
  readonly #underway = new Set<{ at: number }>();
  #flood = false;
  /** It still gathers. */
  #group: Group<Append> | null = null;

  constructor(now: () => number, wait: (ms: number) => Promise<void>) {
    this.#now = now;
    this.#wait = wait;
  }

  /**
   * Resolves when the event is durable.
   * @param call one call of the shard, for this event and those that are in its group
   */
  async add(append: Append, call: (appends: Append[]) => Promise<void>): Promise<void> {
    const now = this.#now();
    this.#flood ||= this.#callsUnderway(now) >= flood;
    if (!this.#flood) return this.#call([append], now, call);
    const group = this.#group;
    if (group && apart(now, group.since) <= 2 * gathersFor && group.bytes + append.size <= mostBytes) {
      group.appends.push(append);
      group.bytes += append.size;
      if (group.appends.length === mostTogether) this.#close(group);
      return group.kept.promise;
    }
    return this.#lead(append, now, call);
  }

  async #lead(first: Append, now: number, call: (appends: Append[]) => Promise<void>): Promise<void> {
    const group: Group<Append> = {
      since: now,
      appends: [first],
      bytes: first.size,
      full: Promise.withResolvers(),
      kept: Promise.withResolvers(),
    };
    this.#group = group;
    await Promise.race([group.full.promise, this.#wait(gathersFor)]);
    this.#close(group);
    this.#flood = group.appends.length >= flood;
    group.kept.resolve(this.#call(group.appends, this.#now(), call));
    return group.kept.promise;
  }

  #close(group: Group<Append>): void {
    if (this.#group === group) this.#group = null;
    group.full.resolve();
  }

  async #call(appends: Append[], at: number, call: (appends: Append[]) => Promise<void>): Promise<void> {
    const own = { at };
    this.#underway.add(own);
    try {
      await call(appends);
    } finally {
      this.#underway.delete(own);
    }
  }

  #callsUnderway(now: number): number {
    for (const call of this.#underway) {
      if (apart(now, call.at) < forgottenAfter) break;
      this.#underway.delete(call);
    }
    return this.#underway.size;
  }
}

/** The age of a group or a call must not be negative for as long as a clock that was set back was ahead. */
function apart(one: number, other: number): number {
  return Math.abs(one - other);
}
