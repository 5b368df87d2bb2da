/** Wildcards: texts in which `*` stands for any run of characters, which may be empty. */
import { type Sentence, say } from "../../sentence.ts";

/** The literal pieces between the stars: `a*b` is `a`, `b`. One piece is a text without stars. */
export type Wildcard = readonly string[];

/** Reads a wildcard as a pattern writes it: `\*` is a star, `\\` a backslash. */
export function parseWildcard(written: string): { pieces: Wildcard } | { problem: Sentence } {
  const pieces = [""];
  for (let at = 0; at < written.length; at++) {
    let character = written[at]!;
    if (character === "*") {
      if (written[at + 1] === "*") return { problem: say`holds two * in a row (character ${at + 1})` };
      pieces.push("");
      continue;
    }
    if (character === "\\") {
      character = written[++at] ?? "";
      if (character !== "*" && character !== "\\") {
        return { problem: say`holds a \\ that is not before * or \\ (character ${at})` };
      }
    }
    pieces[pieces.length - 1] += character;
  }
  return { pieces };
}

/**
 * Whether the text fits the pieces, in time linear in both. The first piece must be at the start, the last at the end.
 * Each piece between is taken at its first occurrence: an early match leaves the longest rest for later pieces.
 */
export function fitsWildcard(pieces: Wildcard, text: string): boolean {
  const first = pieces[0]!;
  const last = pieces[pieces.length - 1]!;
  if (pieces.length === 1) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;

  const end = text.length - last.length;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = find(piece, text, at, end);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return true;
}

/**
 * Up to this length the engine's own search is used. It is the fastest for usual pieces, but its worst case compares every
 * character of the piece at every position.
 */
const shortPiece = 16;

/** The first position of the piece between `from` and `end`, or -1. */
function find(piece: string, text: string, from: number, end: number): number {
  if (piece.length > shortPiece) return findLong(piece, text, from, end);
  const found = text.indexOf(piece, from);
  return found + piece.length > end ? -1 : found;
}

/** The same in linear time by the algorithm of Knuth, Morris and Pratt, which never goes back in the text. */
function findLong(piece: string, text: string, from: number, end: number): number {
  const codes = Uint16Array.from({ length: piece.length }, (_, at) => piece.charCodeAt(at));
  const borders = bordersOf(codes);
  let matched = 0;
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    while (matched > 0 && code !== codes[matched]) matched = borders[matched - 1]!;
    if (code === codes[matched]) matched++;
    if (matched === codes.length) return at - matched + 1;
  }
  return -1;
}

/** For every prefix of the piece, the length of its longest proper prefix that is also its suffix. */
function bordersOf(codes: Uint16Array): Uint32Array {
  const borders = new Uint32Array(codes.length);
  for (let at = 1, length = 0; at < codes.length; at++) {
    while (length > 0 && codes[at] !== codes[length]) length = borders[length - 1]!;
    if (codes[at] === codes[length]) length++;
    borders[at] = length;
  }
  return borders;
}
