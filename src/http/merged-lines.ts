/** The lines of several streams, each with its position before it, as one stream in the order of positions. */
import { inTime } from "../in-time.ts";
import { joined } from "./chunks.ts";

/** Bytes that are handed to the reader at once, roughly. */
const chunkBytes = 65_536;

/** A source may break off so often, as in a deploy, without a line between. */
const mostBreaks = 5;
const breakMs = 200;

const newline = 10;
const space = 32;

/** A source that has given nothing for so long is asked whether it answers at all. Milliseconds. */
const patienceMs = 500;

export interface LineSource {
  /** Opens its stream from a position on; null: from its beginning. `shard/query/export.ts` tells its form. */
  open(from: number | null): Promise<ReadableStream<Uint8Array>>;
  /** Rejects if the source is silent. It may look through many events without a line: that is no silence. */
  mustAnswer(): Promise<void>;
}

/**
 * Reads no further than its reader does, and ends after `most` lines.
 * @param stopped makes the last line where a source could not be read any more
 */
export function mergedLines<Source extends LineSource>(
  sources: readonly Source[],
  stopped: (error: unknown, source: Source) => string,
  most = Number.POSITIVE_INFINITY,
): ReadableStream<Uint8Array> {
  const lines = sources.map((source) => new Lines(source));
  const chunks = merged(lines, stopped, most);
  return new ReadableStream(
    {
      async pull(controller) {
        const { value, done } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await Promise.all(lines.map((one) => one.cancel()));
      },
    },
    { highWaterMark: 0 },
  );
}

async function* merged<Source extends LineSource>(
  sources: readonly Lines<Source>[],
  stopped: (error: unknown, source: Source) => string,
  most: number,
): AsyncGenerator<Uint8Array, void> {
  let chunk: Uint8Array[] = [];
  let bytes = 0;
  let left = most;
  const add = (line: Uint8Array) => {
    chunk.push(line);
    bytes += line.length;
  };
  try {
    await Promise.all(sources.map((one) => one.fill()));
    for (let first = firstOf(sources); first?.line; first = firstOf(sources)) {
      add(first.line);
      if (--left === 0) break;
      if (bytes >= chunkBytes) {
        yield joined(chunk, bytes);
        chunk = [];
        bytes = 0;
      }
      if (!first.take()) await first.fill();
    }
    if (left === 0) await Promise.all(sources.map((one) => one.cancel()));
  } catch (error) {
    for (const one of sources) void one.cancel();
    const { cause, source } = error as Stopped<Source>;
    add(new TextEncoder().encode(`${stopped(cause, source)}\n`));
  }
  if (bytes > 0) yield joined(chunk, bytes);
}

/** The source whose line comes next. */
function firstOf<Source extends LineSource>(sources: readonly Lines<Source>[]): Lines<Source> | null {
  let first: Lines<Source> | null = null;
  for (const one of sources) if (one.line && (first === null || one.position < first.position)) first = one;
  return first;
}

/** A source that cannot be read any more. */
class Stopped<Source> extends Error {
  readonly source: Source;

  constructor(source: Source, cause: unknown) {
    super("a source cannot be read any more", { cause });
    this.source = source;
  }
}

const late = Symbol("late");

/** The lines of one source, from one stream after the other. */
class Lines<Source extends LineSource> {
  readonly #source: Source;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  /** Where the next stream begins; null: at the beginning. */
  #from: number | null = null;
  /** The parts that were read and not taken yet; all but the last lie within one line. */
  #parts: Uint8Array[] = [];
  #breaks = 0;
  #ended = false;

  /** The current line with its line break; null: there is none any more. */
  line: Uint8Array | null = null;
  position = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Goes on to the next line, if it was read already. False: `fill` must be awaited. */
  take(): boolean {
    this.line = null;
    if (this.#ended) return true;
    const last = this.#parts.at(-1);
    const end = last?.indexOf(newline) ?? -1;
    if (!last || end < 0) return false;
    const parts = [...this.#parts.slice(0, -1), last.subarray(0, end + 1)];
    this.#parts = [last.subarray(end + 1)];
    this.#breaks = 0;
    return this.#read(joined(parts, lengthOf(parts)));
  }

  #read(line: Uint8Array): boolean {
    let digits = 0;
    let position = 0;
    for (let digit = line[0]!; digit >= 48 && digit <= 57; digit = line[++digits]!)
      position = position * 10 + digit - 48;
    if (line[digits] === space) {
      this.position = position;
      this.#from = position + 1;
      this.line = line.subarray(digits + 1);
      return true;
    }
    // The last line of a stream tells where another one goes on, or that it was the last.
    this.#reader = null;
    this.#parts = [];
    this.#from = position;
    this.#ended = digits === 0;
    return this.#ended;
  }

  /** Reads until the next line is there, or all were. Rejects with `Stopped` if the source cannot be read any more. */
  async fill(): Promise<void> {
    while (!this.take()) {
      try {
        this.#reader ??= (await this.#unlessSilent(this.#source.open(this.#from))).getReader();
        const { value, done } = await this.#unlessSilent(this.#reader.read());
        if (done) throw new Error("the stream broke off");
        this.#parts.push(value);
      } catch (error) {
        if (error instanceof Stopped) throw error;
        if (!this.#ended && ++this.#breaks > mostBreaks) throw new Stopped(this.#source, error);
        this.#reader = null;
        this.#parts = [];
        if (!this.#ended) await new Promise((resolve) => setTimeout(resolve, breakMs * this.#breaks));
      }
    }
  }

  async #unlessSilent<Value>(work: Promise<Value>): Promise<Value> {
    for (;;) {
      const value = await inTime<Value, typeof late>(work, patienceMs, () => late);
      if (value !== late) return value;
      await this.#source.mustAnswer().catch((error) => {
        throw new Stopped(this.#source, error);
      });
    }
  }

  /** Ends the work of the source. */
  async cancel(): Promise<void> {
    this.#ended = true;
    await this.#reader?.cancel().catch(() => {});
  }
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
