/**
 * Sends viewers the lines of events already kept, up to the position from which batches feed them. No line is lost or
 * sent twice there: positions only grow, and each viewer has one for each shard.
 */
import { log } from "../../log.ts";
import type { Clock } from "../clock.ts";
import { endTurn } from "../turn.ts";
import { framesOf } from "./lines.ts";
import type { PageQuery, TailPage } from "./page.ts";
import type { Viewer } from "./viewer.ts";

/** Reads the journal of a shard. */
export interface Journals {
  page(shard: number, query: PageQuery): Promise<TailPage>;
}

/** The viewers, and how far batches have fed them. */
interface Audience {
  readonly all: readonly Viewer[];
  fedTo(shard: number): number;
}

interface Wait {
  /** Ended by a timer, or by the viewer's next acknowledgement. */
  over: boolean;
  /** Since the viewer was sent something, milliseconds. */
  readonly ms: number;
}

/** A viewer that reads nothing for so long is closed. Milliseconds. */
const readsWithinMs = 60_000;

/** How often a page that a shard did not give is asked for again, and when. Milliseconds. */
const retries = 5;
const retryMs = 1_000;

const tryAgainLater = 1013;

export class History {
  readonly #viewers: Audience;
  readonly #journals: Journals;
  readonly #clock: Clock;
  /** The viewers that must wait before they are sent more, or have waited and were sent nothing since. */
  readonly #waiting = new WeakMap<Viewer, Wait>();
  /** How often in a row the next page of a viewer could not be read. */
  readonly #failures = new WeakMap<Viewer, number>();
  #running = false;

  constructor(viewers: Audience, journals: Journals, clock: Clock) {
    this.#viewers = viewers;
    this.#journals = journals;
    this.#clock = clock;
  }

  /** A viewer has acknowledged frames: it may be sent more. */
  acknowledged(viewer: Viewer): void {
    this.#waiting.delete(viewer);
  }

  /** Sends the lines that may be sent now. Viewers take turns. */
  async run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      for (let ready = this.#ready; ready.length > 0; ready = this.#ready) {
        for (const viewer of ready) await this.#advance(viewer);
        await endTurn(this.#clock);
      }
    } finally {
      this.#running = false;
    }
  }

  get #ready(): Viewer[] {
    return this.#viewers.all.filter(
      (viewer) => viewer.behind.size > 0 && this.#waiting.get(viewer)?.over !== false,
    );
  }

  async #advance(viewer: Viewer): Promise<void> {
    try {
      await this.#sendPage(viewer);
      this.#failures.delete(viewer);
    } catch (error) {
      const failures = (this.#failures.get(viewer) ?? 0) + 1;
      this.#failures.set(viewer, failures);
      if (failures <= retries) {
        this.#wait(viewer, retryMs, true);
        return;
      }
      log.error("tail", { error: String(error) });
      viewer.close(tryAgainLater, "a shard does not answer: connect again, with since");
    }
  }

  /** Sends a page of all shards together, in the order of keeping as far as all of them have been read. */
  async #sendPage(viewer: Viewer): Promise<void> {
    const { filter } = viewer;
    const since = viewer.since ?? 0;
    const pages = await Promise.all(
      [...viewer.behind].map(async (shard) => ({
        shard,
        ...(await this.#journals.page(shard, { filter, since, from: viewer.reached(shard) })),
      })),
    );
    if (!viewer.open) return;
    const cut = Math.min(...pages.map(({ next, end }) => (end ? Number.POSITIVE_INFINITY : next)));
    const items = pages
      .flatMap(({ shard, items }) => items.map((item) => ({ ...item, shard })))
      .sort((one, other) => one.position - other.position);
    const sent = this.#send(
      viewer,
      items.filter(({ position }) => position < cut),
    );
    const rest = items.slice(sent);
    for (const { shard, next, end } of pages) {
      const first = rest.find((item) => item.shard === shard);
      // A batch that came meanwhile was not for this viewer: its events are read.
      viewer.reach(shard, first?.position ?? next);
      if (end && first === undefined && this.#viewers.fedTo(shard) <= next) viewer.catchUp(shard);
    }
    viewer.save();
  }

  /** Answers how many of the items were sent. */
  #send(viewer: Viewer, items: TailPage["items"]): number {
    const now = this.#clock.now();
    let sent = 0;
    for (const frame of framesOf(items)) {
      const wait = viewer.send(frame, now);
      if (wait !== 0) {
        this.#wait(viewer, wait, sent > 0);
        return sent;
      }
      sent += frame.items;
    }
    this.#waiting.delete(viewer);
    return sent;
  }

  /** @param ms null: until the next acknowledgement */
  #wait(viewer: Viewer, ms: number | null, progressed: boolean): void {
    const waited = progressed ? 0 : (this.#waiting.get(viewer)?.ms ?? 0);
    const wait: Wait = { over: false, ms: waited + (ms ?? 0) };
    this.#waiting.set(viewer, wait);
    if (ms === null) return;
    if (waited > readsWithinMs) {
      viewer.close(tryAgainLater, "nothing was read for a minute: connect again, with since");
      return;
    }
    this.#clock.after(ms, () => {
      wait.over = true;
      void this.run();
    });
  }
}
