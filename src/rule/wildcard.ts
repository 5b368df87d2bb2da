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

/** Where the piece first stands between `from` and `end`, or -1, after Knuth, Morris and Pratt. */
function find(piece: string, text: string, from: number, end: number): number {
  if (piece.length < 2) {
    const found = text.indexOf(piece, from);
    return found + piece.length > end ? -1 : found;
  }
  const borders = bordersOf(piece);
  let matched = 0;
  for (let at = from; at < end; at++) {
    while (matched > 0 && text.charCodeAt(at) !== piece.charCodeAt(matched)) matched = borders[matched - 1]!;
    if (text.charCodeAt(at) === piece.charCodeAt(matched)) matched++;
    if (matched === piece.length) return at - matched + 1;
  }
  return -1;
}

/** For every prefix of the piece, the length of its longest proper prefix that is also its suffix. */
function bordersOf(piece: string): Uint32Array {
  const borders = new Uint32Array(piece.length);
  for (let at = 1, length = 0; at < piece.length; at++) {
    while (length > 0 && piece.charCodeAt(at) !== piece.charCodeAt(length)) length = borders[length - 1]!;
    if (piece.charCodeAt(at) === piece.charCodeAt(length)) length++;
    borders[at] = length;
  }
  return borders;
}
