/**
 * How events go to a shard: each at once, in a call of its own; but while many calls are under way, more events
 * gather and then go in one. So a flood becomes few requests of an object that can take only so many a second.
 * https://developers.cloudflare.com/durable-objects/platform/limits/
 *
 * An event that gathers waits for other requests of this isolate, and these may go away. So every event has its own
 * deadline, whoever fails tries again alone, and a call whose end nobody tells is forgotten.
 */
/** Calls under way before events gather: with as many events as that, a shard commits without waiting for more. */
const mostUnderway = 8;

/** Calls under way while events gather. */
const mostInFlood = 2;

/** Bodies of one call; a call may hold 32 MiB. Bytes. */
const mostBytes = 4 * 1024 * 1024;

/** By then whoever made a call has given it up. Milliseconds. */
const forgottenAfter = 6_000;

interface Waiting<Append> {
  append: Append;
  /** True: its request makes the next call. False: another one has brought it along. */
  turn: PromiseWithResolvers<boolean>;
}

/** The events of this isolate on their way to one shard. */
export class Appending<Append extends { readonly size: number }> {
  readonly #now: () => number;
  /** When the calls under way began, oldest first. */
  readonly #underway = new Set<{ at: number }>();
  #waiting: Waiting<Append>[] = [];
  #flood = false;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * Resolves when the event is durable.
   * @param call one call of the shard, made for this event and whoever has gathered
   */
  async add(append: Append, call: (appends: Append[]) => Promise<void>): Promise<void> {
    if (this.#full) {
      this.#flood = true;
      const turn = Promise.withResolvers<boolean>();
      this.#waiting.push({ append, turn });
      if (!(await turn.promise)) return;
    }
    const others = this.#takeAlong(append);
    const own = { at: this.#now() };
    this.#underway.add(own);
    try {
      await call([append, ...others.map((other) => other.append)]);
      for (const { turn } of others) turn.resolve(false);
    } catch (error) {
      for (const { turn } of others) turn.reject(error);
      throw error;
    } finally {
      this.#underway.delete(own);
      const next = this.#waiting.shift();
      if (next) next.turn.resolve(true);
      else if (this.#underway.size === 0) this.#flood = false;
    }
  }

  get #full(): boolean {
    const since = this.#now() - forgottenAfter;
    for (const call of this.#underway) {
      if (call.at > since) break;
      this.#underway.delete(call);
    }
    return this.#underway.size >= (this.#flood ? mostInFlood : mostUnderway);
  }

  #takeAlong(first: Append): Waiting<Append>[] {
    let bytes = first.size;
    let count = 0;
    for (const { append } of this.#waiting) {
      bytes += append.size;
      if (bytes > mostBytes) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }
}
