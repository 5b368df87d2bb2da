/** Texts in which `*` stands for any run of characters, none included. */

/** The literal pieces between the stars: `a*b` is `a`, `b`. One piece is a text without stars. */
export type Wildcard = readonly string[];

/**
 * Whether the text fits, in time linear in both: the first piece is tied to the start, the last to the end, and the
 * others may be taken as early as they come, because what an early match leaves over is a superset.
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
 * Up to this length the engine's own search is used, the fastest there is for what people write; but it may compare
 * every character of the piece at every place.
 */
const shortPiece = 16;

/** Where the piece first stands between `from` and `end`, or -1. */
function find(piece: string, text: string, from: number, end: number): number {
  if (piece.length > shortPiece) return findLong(piece, text, from, end);
  const found = text.indexOf(piece, from);
  return found + piece.length > end ? -1 : found;
}

/** The same in linear time, after Knuth, Morris and Pratt: what is known of the text is never read again. */
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
