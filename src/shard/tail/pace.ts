/**
 * How much a viewer is sent. A viewer that acknowledges may have 64 frames unacknowledged. One that never does gets
 * less than 1 MB in any second, since nothing tells how much it has read.
 */

export interface Pace {
  /** Frames sent. */
  sent: number;
  /** Frames that the viewer says it has received; null: it never said. */
  acked: number | null;
  /** Bytes that a viewer which never acknowledged may be sent at once, as of a time. */
  bytes: number;
  /** Unix milliseconds. */
  at: number;
}

/** Frames that may be unacknowledged. */
const window = 64;

/** In any second there are at most 250 KB at once and 750 KB that follow. */
const burst = 250_000;
const perMs = 750;

/** Bytes that the runtime holds for a viewer which never acknowledged: more means that it does not read. */
const mostBuffered = 1_000_000;

/** How long to wait for a viewer that does not read, before it is looked at again. Milliseconds. */
const bufferedWaitMs = 500;

const sharedPerSecond = 12_000_000;

export function newPace(now: number): Pace {
  return { sent: 0, acked: null, bytes: burst, at: now };
}

/**
 * How long a frame must wait. Milliseconds; null: until an acknowledgement comes.
 * @param buffered bytes that the runtime holds for the viewer
 */
export function waitFor(pace: Pace, bytes: number, buffered: number, now: number): number | null {
  if (pace.acked !== null) return pace.sent - pace.acked > window ? null : 0;
  if (buffered > mostBuffered) return bufferedWaitMs;
  // A frame that is longer than the burst goes when the burst is whole.
  const missing = Math.min(bytes, burst) - allowed(pace, now);
  return Math.max(0, Math.ceil(missing / perMs));
}

export function afterFrame(pace: Pace, bytes: number, now: number): Pace {
  return { ...pace, sent: pace.sent + 1, bytes: allowed(pace, now) - bytes, at: now };
}

/** Null: no viewer can have received so many frames. An acknowledgement that comes late changes nothing. */
export function afterAck(pace: Pace, frames: number): Pace | null {
  if (frames > pace.sent) return null;
  return { ...pace, acked: Math.max(frames, pace.acked ?? 0) };
}

/**
 * The bytes that all viewers together are sent. Receiving comes first: with dozens of viewers, frames would take more
 * of the machine than the events themselves.
 */
export class SharedPace {
  #bytes = sharedPerSecond;
  #at = 0;

  /** How long the next frame of any viewer must wait. Milliseconds. */
  waitAt(now: number): number {
    const elapsed = Math.max(0, now - this.#at);
    this.#bytes = Math.min(sharedPerSecond, this.#bytes + (elapsed * sharedPerSecond) / 1_000);
    this.#at = now;
    return this.#bytes > 0 ? 0 : Math.ceil((-this.#bytes * 1_000) / sharedPerSecond) + 1;
  }

  spend(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** The pace at a time. After the clock was set back, no time has passed, and it passes from then on. */
export function corrected(pace: Pace, now: number): Pace {
  return pace.at > now ? { ...pace, at: now } : pace;
}

function allowed({ bytes, at }: Pace, now: number): number {
  return Math.min(burst, bytes + Math.max(0, now - at) * perMs);
}
