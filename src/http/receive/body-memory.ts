/**
 * Memory for the bodies of callbacks, which all requests of an isolate share: it has 128 MB for everything.
 * https://developers.cloudflare.com/workers/platform/limits/#memory
 */
import { maxBodyBytes } from "../../callback/read-callback.ts";
import { elapsed } from "../../elapsed.ts";

/** Of all bodies that are being read or kept at a time. Bytes. */
const maxHeldBytes = 32 * maxBodyBytes;

/**
 * Until its event is kept, a request takes more than its body: the parsed body, metadata, the call of the shard.
 * Without this part a flood of small bodies would be bounded by nothing while a shard is stuck. Bytes.
 */
const besideBodyBytes = 4 * 1024;

/** The last part of it is for small bodies, which nearly all are: large ones cannot crowd them out. Bytes. */
const reservedBytes = 8 * maxBodyBytes;
const smallBodyBytes = 64 * 1024;

/**
 * For bodies that are only announced by `content-length`; any other body counts as its bytes arrive. Without this
 * bound, senders that announce a lot and send nothing would keep all other senders out. Bytes.
 */
const maxAnnouncedBytes = 16 * maxBodyBytes;

/** A cancelled request runs no code at its end: its reservation expires after this time. Milliseconds. */
const readWithinMs = 3_000;
const keptWithinMs = 30_000;

/** How often a body without room asks again, and how long: then its answer would be too late. Milliseconds. */
const retryEveryMs = 50;
const waitAtMostMs = 600;

const reservations = new Set<Reservation>();
let heldBytes = 0;
let announcedBytes = 0;

/** The memory of one body. */
export class Reservation {
  #bytes = 0;
  /** Bytes of it that have not arrived yet. */
  #announced = 0;
  /** True if the body is, or may become, larger than a small one. */
  #large: boolean;
  /** Unix milliseconds. */
  readonly #begunAt = Date.now();
  #lastsMs = readWithinMs;
  /** For how long it has waited for room, milliseconds. */
  #waitedMs = 0;

  /** @param size as announced, bytes; 0 if the sender has not said it */
  constructor(size: number) {
    this.#large = size > smallBodyBytes;
  }

  /** True if bytes that had arrived had to wait for room. */
  get waited(): boolean {
    return this.#waitedMs > 0;
  }

  /** Reserves memory for a whole body before it arrives; false if too much is announced or held already. */
  announce(bytes: number): boolean {
    if (!this.#mayAnnounce(bytes)) releaseExpired();
    if (!this.#mayAnnounce(bytes)) return false;
    this.#take(bytes);
    this.#announced = bytes;
    announcedBytes += bytes;
    return true;
  }

  /**
   * Reserves memory for the rest of the request; otherwise as `grow` does.
   * @param characters of its URL, which the event holds as well
   */
  begin(characters: number): Promise<boolean> {
    return this.grow(besideBodyBytes + 2 * characters);
  }

  /** Reserves memory for bytes that have arrived, and waits for it a short time; false if there is none. */
  async grow(bytes: number): Promise<boolean> {
    this.#large ||= this.#bytes + bytes > smallBodyBytes;
    while (!this.#hasRoom(bytes)) {
      releaseExpired();
      if (this.#hasRoom(bytes)) break;
      if (this.#waitedMs >= waitAtMostMs) return false;
      await new Promise((resolve) => setTimeout(resolve, retryEveryMs));
      this.#waitedMs += retryEveryMs;
    }
    this.#take(bytes);
    return true;
  }

  /** The body has arrived, and is held until its event is kept. */
  complete(): void {
    this.#settleAnnounced();
    this.#lastsMs += keptWithinMs;
  }

  release(): void {
    this.#settleAnnounced();
    if (reservations.delete(this)) heldBytes -= this.#bytes;
    this.#bytes = 0;
  }

  expired(now: number): boolean {
    return elapsed(this.#begunAt, now) >= this.#lastsMs;
  }

  #mayAnnounce(bytes: number): boolean {
    return announcedBytes + bytes <= maxAnnouncedBytes && this.#hasRoom(bytes);
  }

  #hasRoom(bytes: number): boolean {
    return heldBytes + bytes <= (this.#large ? maxHeldBytes - reservedBytes : maxHeldBytes);
  }

  #take(bytes: number): void {
    this.#bytes += bytes;
    heldBytes += bytes;
    reservations.add(this);
  }

  #settleAnnounced(): void {
    announcedBytes -= this.#announced;
    this.#announced = 0;
  }
}

/** Releases the memory of cancelled requests. */
function releaseExpired(): void {
  const now = Date.now();
  for (const reservation of reservations) if (reservation.expired(now)) reservation.release();
}
