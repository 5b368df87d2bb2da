/** Simulated time, and a thread that does one thing at a time. Times are milliseconds from 0 on. */

interface Timer {
  at: number;
  ring: () => void;
}

export class SimulatedTime {
  now = 0;
  /** A binary heap, the earliest first. */
  readonly #timers: Timer[] = [];

  at(at: number, ring: () => void): void {
    const timers = this.#timers;
    let place = timers.length;
    for (let above = (place - 1) >> 1; place > 0 && timers[above]!.at > at; above = (place - 1) >> 1) {
      timers[place] = timers[above]!;
      place = above;
    }
    timers[place] = { at, ring };
  }

  after(ms: number, ring: () => void): void {
    this.at(this.now + ms, ring);
  }

  /** Lets everything happen that is due before a time. */
  run(until: number): void {
    while (this.#timers.length > 0 && this.#timers[0]!.at < until) {
      const timer = this.#earliest();
      this.now = timer.at;
      timer.ring();
    }
    this.now = until;
  }

  #earliest(): Timer {
    const timers = this.#timers;
    const first = timers[0]!;
    const last = timers.pop()!;
    if (timers.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below + 1 < timers.length && timers[below + 1]!.at < timers[below]!.at) below++;
      if (below >= timers.length || timers[below]!.at >= last.at) break;
      timers[place] = timers[below]!;
      place = below;
    }
    timers[place] = last;
    return first;
  }
}

interface Work {
  ms: number;
  done: () => void;
}

/** First in, first out, the urgent work before all other. */
export class Thread {
  /** Milliseconds of work so far. */
  busy = 0;
  readonly #time: SimulatedTime;
  readonly #urgent = new Line<Work>();
  readonly #other = new Line<Work>();
  #working = false;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  take(urgent: boolean, ms: number, done: () => void): void {
    (urgent ? this.#urgent : this.#other).push({ ms, done });
    if (!this.#working) this.#next();
  }

  #next(): void {
    const work = this.#urgent.shift() ?? this.#other.shift();
    this.#working = work !== undefined;
    if (!work) return;
    this.busy += work.ms;
    this.#time.after(work.ms, () => {
      work.done();
      this.#next();
    });
  }
}

/** A queue whose beginning is taken without moving the rest. */
export class Line<Item> {
  #items: Item[] = [];
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#first++];
    if (this.#first > 1_000 && 2 * this.#first > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }
}
