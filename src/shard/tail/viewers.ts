/** The viewers that are connected to shard 0, and their lines. */
import type { Clock } from "../clock.ts";
import type { Batch, FedLines } from "./feed.ts";
import type { TailFilter } from "./filter.ts";
import { type Frame, framesOf } from "./lines.ts";
import { SharedPace } from "./pace.ts";
import { type Socket, type TailQuery, Viewer } from "./viewer.ts";

/** How often a viewer that reads nothing is told of a gap again, until there is something new. */
const gapTries = 100;

/** When it is tried again at the earliest: gaps of many viewers must not take the time that events need. Milliseconds. */
const gapMs = 250;

/** An idle object is evicted after some seconds, and never while a timer runs. Milliseconds. */
const saveWithinMs = 1_000;

export class Viewers {
  readonly #clock: Clock;
  readonly #viewers: Map<Socket, Viewer>;
  /** By shard: batches feed events from there on. */
  readonly #fed = new Map<number, number>();
  readonly #pace = new SharedPace();
  /** The viewer that is sent a batch first: they take turns at it. */
  #first = 0;
  #saveDue = false;
  #gapTriesLeft = 0;
  #gapDue = false;

  /** @param sockets connected before the object was evicted */
  constructor(sockets: readonly Socket[], clock: Clock) {
    this.#clock = clock;
    this.#viewers = new Map(sockets.map((socket) => [socket, Viewer.resumed(socket, this.#pace)]));
  }

  get all(): readonly Viewer[] {
    return [...this.#viewers.values()].filter((viewer) => viewer.open);
  }

  /** The filters of all viewers, each once. */
  get filters(): TailFilter[] {
    return [...new Map(this.all.map(({ key, filter }) => [key, filter])).values()];
  }

  of(socket: Socket): Viewer | undefined {
    return this.#viewers.get(socket);
  }

  add(socket: Socket, query: TailQuery, positions: readonly number[]): void {
    const now = this.#clock.now();
    this.#viewers.set(socket, Viewer.connected(socket, this.#pace, query, positions, now));
  }

  remove(socket: Socket): void {
    this.#viewers.delete(socket);
    if (this.#viewers.size === 0) this.#fed.clear();
  }

  /** Batches of a shard go on at this position; 0: there was none since the object started. */
  fedTo(shard: number): number {
    return this.#fed.get(shard) ?? 0;
  }

  fedFrom(shard: number, position: number): void {
    this.#fed.set(shard, Math.max(this.fedTo(shard), position));
  }

  /** Sends the lines of a batch to the viewers that they fit. */
  take(shard: number, batch: Batch): void {
    const now = this.#clock.now();
    this.fedFrom(shard, batch.to);
    const shared = new Map<string, Frame[]>();
    for (const viewer of this.#inTurns()) {
      const live = !viewer.behind.has(shard);
      // A shard that has lost its memory begins anew at its journal's end: events between are read there.
      if (live && viewer.reached(shard) < batch.from) viewer.fallBehind(shard);
      const missed = batch.missed[batch.filters.indexOf(viewer.key)] ?? 0;
      if (missed > 0) viewer.miss(missed);
      for (const frame of framesFor(viewer, shard, batch, shared)) viewer.offer(frame, now);
      if (!viewer.behind.has(shard)) viewer.reach(shard, Math.max(viewer.reached(shard), batch.to));
      viewer.save();
    }
    this.#gapTriesLeft = gapTries;
    this.#sendGaps();
  }

  #inTurns(): Viewer[] {
    const viewers = this.all;
    const first = this.#first++ % Math.max(1, viewers.length);
    return [...viewers.slice(first), ...viewers.slice(0, first)];
  }

  /** Attaches acknowledgements: not each of them, but before the object may be evicted. */
  saveSoon(): void {
    if (this.#saveDue) return;
    this.#saveDue = true;
    this.#clock.after(saveWithinMs, () => {
      this.#saveDue = false;
      for (const viewer of this.all) viewer.save();
    });
  }

  /** Tells viewers of gaps as soon as they may be sent something. */
  #sendGaps(): void {
    const now = this.#clock.now();
    const waits: number[] = [];
    for (const viewer of this.all) {
      if (!viewer.misses) continue;
      const wait = viewer.sendGap(now);
      viewer.save();
      if (wait) waits.push(wait);
    }
    if (waits.length === 0 || this.#gapDue || this.#gapTriesLeft-- === 0) return;
    this.#gapDue = true;
    this.#clock.after(Math.max(gapMs, Math.min(...waits)), () => {
      this.#gapDue = false;
      this.#sendGaps();
    });
  }
}

/** @param shared the frames of viewers that are sent everything that fits their filter, by its key */
function framesFor(viewer: Viewer, shard: number, batch: Batch, shared: Map<string, Frame[]>): Frame[] {
  const index = batch.filters.indexOf(viewer.key);
  if (index === -1) return [];
  const behind = viewer.behind.has(shard);
  const from = viewer.reached(shard);
  const fitting = (items: readonly FedLines[]) => items.filter(({ fits }) => fits.includes(index));
  if (behind || from > batch.from)
    return framesOf(
      fitting(batch.items).filter(({ position }) => position === null || (!behind && position >= from)),
    );
  const frames = shared.get(viewer.key) ?? framesOf(fitting(batch.items));
  shared.set(viewer.key, frames);
  return frames;
}
