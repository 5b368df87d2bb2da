/**
 * Reads the bodies of callbacks within bounds. Of a body whose head was refused only a few bytes are read. Any other
 * body is read for as long as Tencent waits, and while there is memory.
 */
import { isProbe, maxProbeBytes } from "../../callback/probe.ts";
import { maxBodyBytes } from "../../callback/read-callback.ts";
import { type Refused, refused } from "../../callback/refusal.ts";
import { joined } from "../chunks.ts";
import { Reservation } from "./body-memory.ts";

/** The time for the probe of an untrusted sender. Milliseconds. */
const probeWithinMs = 500;

/** The runtime itself reads this much of an unread body before it closes the connection. Bytes. */
const drainedBytes = 64 * 1024;

/** A refused body up to this size is read, so that its connection stays usable. More would let a flood fill memory. Bytes. */
const maxDiscardedBytes = 16 * 1024;

export interface HeldBody {
  kind: "body";
  bytes: Uint8Array;
  /** To be released once the body is not needed any more. */
  reservation: Reservation;
}

const tooLarge = refused(413, "size", `the body is larger than ${maxBodyBytes / 1024 / 1024} MiB`);
const tooSlow = refused(400, "body", "the body did not arrive in time");
const cutOff = refused(400, "body", "the body could not be read to its end");
const noRoom = refused(503, "busy", "too many bodies are on their way at once");

/**
 * The whole body of a request whose head was accepted.
 * @param late resolves when it is too late for an answer
 */
export async function readWhole(request: Request, late: Promise<void>): Promise<HeldBody | Refused> {
  const length = request.headers.get("content-length");
  const size = length === null ? 0 : Number(length);
  if (size > maxBodyBytes) return tooLarge;
  const reservation = new Reservation(size);
  if (!(await reservation.begin(request.url.length))) return noRoom;
  const read = await (length !== null && reservation.announce(size)
    ? readAtOnce(request, late)
    : readStream(request.body, reservation, late)
  ).catch(() => cutOff);
  if ("kind" in read) {
    reservation.release();
    return read;
  }
  reservation.complete();
  return { kind: "body", bytes: read, reservation };
}

/** True if the body of a request whose head was refused is a probe. Reads the first bytes only. */
export async function sendsProbe(request: Request): Promise<boolean> {
  if (Number(request.headers.get("content-length") ?? 0) > maxProbeBytes) return false;
  if (!request.body) return true;
  const late = scheduler.wait(probeWithinMs);
  const reader = request.body.getReader({ mode: "byob" });
  const bytes = new Uint8Array(maxProbeBytes + 1);
  try {
    for (let size = 0; size < bytes.length; ) {
      const next = await unlessLate(reader.read(new Uint8Array(bytes.length - size)), late);
      if (next === null) break;
      if (next.done) return isProbe(bytes.subarray(0, size));
      bytes.set(next.value, size);
      size += next.value.byteLength;
    }
  } catch {
    // A body that cannot be read is not a probe.
  }
  return false;
}

/** True if much of the body may still be on its way: the connection is then closed while its sender writes. */
export function keepsSending({ headers, body }: Request): boolean {
  return (
    body !== null && !body.locked && Number(headers.get("content-length") ?? drainedBytes) >= drainedBytes
  );
}

/**
 * Reads a small body of unknown length to its end, and forgets it. Resolves then, or after so many milliseconds. Never
 * rejects. Where the length is known, the runtime itself reads a small body.
 */
export async function discard({ headers, body }: Request, withinMs: number): Promise<void> {
  const late = scheduler.wait(withinMs);
  if (body === null || headers.has("content-length")) return late;
  const reader = body.getReader({ mode: "byob" });
  for (let size = 0; size < maxDiscardedBytes; ) {
    const next = await unlessLate(reader.read(new Uint8Array(4096)), late).catch(() => null);
    if (next === null || next.done) return;
    size += next.value.byteLength;
  }
  return late;
}

/** The value, or null if it is too late. */
async function unlessLate<Value>(reading: Promise<Value>, late: Promise<void>): Promise<Value | null> {
  const found: Value[] = [];
  // A race holds on to the winner's value until its timer has ended: the value must not be a body.
  const read = reading.then((value) => {
    found.push(value);
  });
  read.catch(() => {});
  await Promise.race([read, late]);
  return found.pop() ?? null;
}

/** A body that was announced. Reading it as a stream would cost more than all the checks together. */
async function readAtOnce(request: Request, late: Promise<void>): Promise<Uint8Array | Refused> {
  const buffer = await unlessLate(request.arrayBuffer(), late);
  return buffer === null ? tooSlow : new Uint8Array(buffer);
}

/** A body of unknown length, or one that was announced when too much was announced already. */
async function readStream(
  body: ReadableStream<Uint8Array> | null,
  reservation: Reservation,
  late: Promise<void>,
): Promise<Uint8Array | Refused> {
  if (!body) return new Uint8Array();
  const reader = body.getReader();
  const giveUp = (refusal: Refused): Refused => {
    reader.cancel().catch(() => {});
    return refusal;
  };
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const next = await unlessLate(reader.read(), late);
    // The sender of a body that had to wait for memory was not slow.
    if (next === null) return giveUp(reservation.waited ? noRoom : tooSlow);
    if (next.done) return joined(chunks, size);
    const { byteLength } = next.value;
    if (size + byteLength > maxBodyBytes) {
      reader.releaseLock();
      return tooLarge;
    }
    if (!(await reservation.grow(byteLength))) return giveUp(noRoom);
    chunks.push(next.value);
    size += byteLength;
  }
}
