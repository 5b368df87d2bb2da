/**
 * Reads the bodies of callbacks, as far as a sender may make us: a stranger's hardly at all, the others' as long as
 * Tencent would wait, and all of them together only as much as an isolate can hold.
 */
import { isProbe, largestBody, largestProbe, type Refused, refused } from "../callback/read-callback.ts";

/** Of all bodies that are being read or kept at a time; an isolate has 128 MB for everything. Bytes. */
const mostHeld = 32 * largestBody;

/** The last part of that is for small bodies, which nearly all are: large ones cannot crowd them out. Bytes. */
const reserve = 8 * largestBody;
const smallBody = 64 * 1024;

/**
 * So much is held for bodies that were only announced; of the others each byte counts when it is here. Without that
 * bound senders who announce a lot, and then send nothing, would keep out everybody else. Bytes.
 */
const mostAnnounced = 16 * largestBody;

/** A request that is cancelled sees no end: what it held counts no longer than this. Milliseconds. */
const readsFor = 3_000;
const keepsFor = 30_000;

/** How often to look for room when there is none, and how long: what came in late is read in vain. Milliseconds. */
const looksAgainAfter = 50;
const waitsFor = 600;

/** How long a stranger's probe may take. Milliseconds. */
const probeWithin = 500;

/** Of a body that is not read the runtime takes so much by itself before it closes the connection. Bytes. */
const drained = 64 * 1024;

interface Hold {
  bytes: number;
  /** Those of them that are not here yet. */
  announced: number;
  /** Whether the body is, or may become, larger than a small one. */
  large: boolean;
  until: number;
  /** When waiting for room ends; null: there was room all the time. Unix milliseconds. */
  waitsUntil: number | null;
}

const holds = new Set<Hold>();
let held = 0;
let announced = 0;

export interface HeldBody {
  bytes: Uint8Array;
  /** To be called when the body is needed no more. */
  release(): void;
}

const tooLarge = refused(413, "size", `the body is larger than ${largestBody / 1024 / 1024} MiB`);
const tooSlow = refused(400, "body", "the body did not arrive in time");
const cutOff = refused(400, "body", "the body could not be read to its end");
export const noRoom = refused(503, "busy", "too many bodies are on their way at once");

/**
 * The whole body of a request whose head is right.
 * @param late resolves when it is too late for an answer
 */
export async function readWhole(request: Request, late: Promise<void>): Promise<HeldBody | Refused> {
  const length = request.headers.get("content-length");
  const size = length === null ? 0 : Number(length);
  if (size > largestBody) return tooLarge;
  const until = Date.now() + readsFor;
  const hold: Hold = { bytes: 0, announced: 0, large: size > smallBody, until, waitsUntil: null };
  const read = await (length !== null && announce(hold, size)
    ? readAtOnce(request, late)
    : readStream(request.body, hold, late)
  ).catch(() => cutOff);
  if ("kind" in read) {
    drop(hold);
    return read;
  }
  arrived(hold);
  hold.until += keepsFor;
  return { bytes: read, release: () => drop(hold) };
}

/** Whether a stranger's body is a probe. Looks at the first bytes only, and never waits long. */
export async function sendsProbe(request: Request): Promise<boolean> {
  if (Number(request.headers.get("content-length") ?? 0) > largestProbe) return false;
  if (!request.body) return true;
  const late = scheduler.wait(probeWithin);
  const reader = request.body.getReader({ mode: "byob" });
  const bytes = new Uint8Array(largestProbe + 1);
  try {
    for (let size = 0; size < bytes.length; ) {
      const next = await inTime(reader.read(new Uint8Array(bytes.length - size)), late);
      if (next === null) break;
      if (next.done) return isProbe(bytes.subarray(0, size));
      bytes.set(next.value, size);
      size += next.value.byteLength;
    }
  } catch {
    // What cannot be read is no probe.
  }
  return false;
}

/** Null if it is too late. */
async function inTime<Value>(reading: Promise<Value>, late: Promise<void>): Promise<Value | null> {
  const found: Value[] = [];
  // Until the timer is over, a race holds on to what has won it: that shall not be a body.
  const read = reading.then((value) => {
    found.push(value);
  });
  read.catch(() => {});
  await Promise.race([read, late]);
  return found.pop() ?? null;
}

/** A body that was announced: a stream costs more than all the checks together. */
async function readAtOnce(request: Request, late: Promise<void>): Promise<Uint8Array | Refused> {
  const buffer = await inTime(request.arrayBuffer(), late);
  return buffer === null ? tooSlow : new Uint8Array(buffer);
}

/** A body whose length nobody has told, or one too many that was announced. */
async function readStream(
  body: ReadableStream<Uint8Array> | null,
  hold: Hold,
  late: Promise<void>,
): Promise<Uint8Array | Refused> {
  if (!body) return new Uint8Array();
  const reader = body.getReader();
  const giveUp = (refusal: Refused): Refused => {
    reader.cancel().catch(() => {});
    return refusal;
  };
  const chunks: Uint8Array[] = [];
  for (;;) {
    const next = await inTime(reader.read(), late);
    // Whose bytes had to wait here is not slow.
    if (next === null) return giveUp(hold.waitsUntil === null ? tooSlow : noRoom);
    if (next.done) return joined(chunks, hold.bytes);
    const { byteLength } = next.value;
    if (hold.bytes + byteLength > largestBody) {
      reader.releaseLock();
      return tooLarge;
    }
    if (!(await room(hold, byteLength))) return giveUp(noRoom);
    chunks.push(next.value);
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

/** Whether so much of a body may be on its way that the connection is closed under its sender. */
export function keepsSending({ headers, body }: Request): boolean {
  return body !== null && !body.locked && Number(headers.get("content-length") ?? drained) >= drained;
}

/** Makes room for a whole body before it is here; false if too much is announced, or held, already. */
function announce(hold: Hold, bytes: number): boolean {
  const fits = () => announced + bytes <= mostAnnounced && hasRoom(hold, bytes);
  if (!fits()) forget();
  if (!fits()) return false;
  take(hold, bytes);
  hold.announced = bytes;
  announced += bytes;
  return true;
}

/** Makes room for bytes that are here, waiting for it if need be, all in all not for long; false if there is none. */
async function room(hold: Hold, bytes: number): Promise<boolean> {
  hold.large ||= hold.bytes + bytes > smallBody;
  while (!hasRoom(hold, bytes)) {
    forget();
    if (hasRoom(hold, bytes)) break;
    hold.waitsUntil ??= Date.now() + waitsFor;
    if (Date.now() >= hold.waitsUntil) return false;
    await scheduler.wait(looksAgainAfter);
  }
  take(hold, bytes);
  return true;
}

function hasRoom({ large }: Hold, bytes: number): boolean {
  return held + bytes <= (large ? mostHeld - reserve : mostHeld);
}

function take(hold: Hold, bytes: number): void {
  hold.bytes += bytes;
  held += bytes;
  holds.add(hold);
}

function arrived(hold: Hold): void {
  announced -= hold.announced;
  hold.announced = 0;
}

/** Lets go of what was held for cancelled requests. */
function forget(): void {
  const now = Date.now();
  for (const one of holds) if (one.until <= now) drop(one);
}

function drop(hold: Hold): void {
  arrived(hold);
  if (holds.delete(hold)) held -= hold.bytes;
  hold.bytes = 0;
}
