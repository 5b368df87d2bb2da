/** A list of words as a text, in UTF-8: one word a line. */
import { WordSet } from "./word-set.ts";

/** So much of a list is read. Bytes. */
export const mostBytes = 1024 * 1024;

/** The beginning of a list. */
export interface WordFile {
  bytes: Uint8Array<ArrayBuffer>;
  /** Whether there is more of it than may be read. */
  cut: boolean;
}

/** Reads a list to its end, or as much of it as may be read. */
export async function readWordFile(stream: ReadableStream<Uint8Array>): Promise<WordFile> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > mostBytes) break;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { bytes, cut: size > mostBytes };
}

/**
 * The words of a list. White space around a word is removed, and a line of `#` alone or with a space after it is a
 * comment. Of a list that is cut the last line is left out, since it may lack its end.
 * @returns undefined if it is not UTF-8
 */
export function wordsOf({ bytes, cut }: WordFile): WordSet | undefined {
  const whole = cut ? bytes.subarray(0, bytes.lastIndexOf(lineFeed, mostBytes - 1) + 1) : bytes;
  const text = decoded(whole);
  if (text === undefined) return undefined;
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  return new WordSet(lines.filter((line) => line !== "" && line !== "#" && !/^#\s/.test(line)));
}

const lineFeed = 0x0a;

/** Without the mark at its beginning that some editors write. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return undefined;
  }
}
