/**
 * A viewer: a WebSocket, with its filter and how far it has come. All of that is attached to the socket, which outlives
 * the object: https://developers.cloudflare.com/durable-objects/best-practices/websockets/
 */
import { filterKey, type TailFilter } from "./filter.ts";
import { type Frame, gapFrame } from "./lines.ts";
import { afterAck, afterFrame, corrected, newPace, type Pace, type SharedPace, waitFor } from "./pace.ts";

/** The platform's end of a viewer's connection. */
export interface Socket {
  readonly readyState: number;
  /** Bytes that were sent and are not on their way yet. */
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code: number, reason: string): void;
  /** 16 KB at most. */
  serializeAttachment(value: unknown): void;
  deserializeAttachment(): unknown;
}

/** The request of a viewer. */
export interface TailQuery {
  filter: TailFilter;
  /** First come the events received then or later. Unix milliseconds; null: none. */
  since: number | null;
}

interface Attached extends TailQuery {
  pace: Pace;
  missed: number;
  /** By shard: events before this position are not sent, or were sent. Absent: all are. */
  positions: number[];
  /** Shards whose journal is still being read for the viewer. */
  behind: number[];
}

/** WebSocket.OPEN. */
const open = 1;

export class Viewer {
  readonly filter: TailFilter;
  readonly since: number | null;
  readonly key: string;
  readonly #positions: number[];
  readonly #behind: Set<number>;
  readonly #socket: Socket;
  readonly #shared: SharedPace;
  #pace: Pace;
  #missed: number;
  #changed = true;

  private constructor(
    socket: Socket,
    shared: SharedPace,
    { filter, since, pace, missed, positions, behind }: Attached,
  ) {
    this.#socket = socket;
    this.#shared = shared;
    this.filter = filter;
    this.since = since;
    this.key = filterKey(filter);
    this.#positions = positions;
    this.#behind = new Set(behind);
    this.#pace = pace;
    this.#missed = missed;
  }

  /**
   * A viewer that has just connected.
   * @param positions by shard: events from there on are fed
   */
  static connected(
    socket: Socket,
    shared: SharedPace,
    query: TailQuery,
    positions: readonly number[],
    now: number,
  ): Viewer {
    const behind = query.since === null ? [] : positions.map((_, shard) => shard);
    const begun = query.since === null ? [...positions] : positions.map(() => 0);
    const pace = newPace(now);
    const viewer = new Viewer(socket, shared, { ...query, pace, missed: 0, positions: begun, behind });
    viewer.save();
    return viewer;
  }

  /** A viewer that connected before the object was evicted. */
  static resumed(socket: Socket, shared: SharedPace): Viewer {
    return new Viewer(socket, shared, socket.deserializeAttachment() as Attached);
  }

  get open(): boolean {
    return this.#socket.readyState === open;
  }

  /** Whether it is still to be told that it missed lines. */
  get misses(): boolean {
    return this.#missed > 0;
  }

  /** Shards whose journal is still being read for the viewer. */
  get behind(): ReadonlySet<number> {
    return this.#behind;
  }

  /** Events of a shard before this position are not sent, or were sent. */
  reached(shard: number): number {
    return this.#positions[shard] ?? 0;
  }

  /** The events of a shard before a position are not sent, or were sent. */
  reach(shard: number, position: number): void {
    if (this.#positions[shard] === position) return;
    this.#positions[shard] = position;
    this.#changed = true;
  }

  /** Batches feed all that follows. */
  catchUp(shard: number): void {
    this.#behind.delete(shard);
    this.#changed = true;
  }

  /** Attaches the state that must outlive the object, if it has changed. */
  save(): void {
    if (!this.#changed) return;
    this.#changed = false;
    const { filter, since } = this;
    const attached: Attached = {
      filter,
      since,
      positions: this.#positions,
      behind: [...this.#behind],
      pace: this.#pace,
      missed: this.#missed,
    };
    this.#socket.serializeAttachment(attached);
  }

  /** The next events of a shard are read from its journal. */
  fallBehind(shard: number): void {
    this.#behind.add(shard);
    this.#changed = true;
  }

  /** Sends a frame. Otherwise answers for how many milliseconds it must wait; null: until the viewer acknowledges. */
  send(frame: Frame, now: number): number | null {
    const wait = this.sendGap(now);
    return wait === 0 ? this.#send(frame, now) : wait;
  }

  /** Sends a frame, or counts its lines as missed. */
  offer(frame: Frame, now: number): void {
    if (this.send(frame, now) !== 0) this.miss(frame.count);
  }

  miss(lines: number): void {
    this.#missed += lines;
    this.#changed = true;
  }

  /** Tells the viewer how many lines it missed, if any. Answers as `send` does. */
  sendGap(now: number): number | null {
    if (this.#missed === 0) return 0;
    const wait = this.#send(gapFrame(this.#missed), now);
    if (wait === 0) this.#missed = 0;
    return wait;
  }

  #send(frame: Frame, now: number): number | null {
    this.#pace = corrected(this.#pace, now);
    const own = waitFor(this.#pace, frame.bytes, this.#socket.bufferedAmount, now);
    if (own === null) return null;
    const wait = Math.max(own, this.#shared.waitAt(now));
    if (wait !== 0) return wait;
    this.#shared.spend(frame.bytes);
    try {
      this.#socket.send(frame.text);
    } catch {
      // The connection is being lost: its end is told in a moment.
    }
    this.#pace = afterFrame(this.#pace, frame.bytes, now);
    this.#changed = true;
    return 0;
  }

  /** False: the viewer cannot have received so many frames. */
  acknowledge(frames: number): boolean {
    const pace = afterAck(this.#pace, frames);
    if (pace === null) return false;
    this.#pace = pace;
    this.#changed = true;
    return true;
  }

  close(code: number, reason: string): void {
    try {
      this.#socket.close(code, reason);
    } catch {
      // It is closed already.
    }
  }
}
