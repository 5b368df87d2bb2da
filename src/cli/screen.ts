/** Lines for people. All that comes from outside is made harmless before it reaches the terminal. */
import { styleText } from "node:util";
import stringWidth from "string-width";
import { printable } from "../callback/text.ts";

export type Style = "bold" | "dim" | "red" | "yellow" | "green" | "cyan";

/** A text, or one in a style. */
export type Piece = string | { readonly text: string; readonly style: Style };

export const bold = (text: string): Piece => ({ text, style: "bold" });
export const dim = (text: string): Piece => ({ text, style: "dim" });

/** The width of the terminal that a stream leads to; of a pipe or a file there is none. */
export function screenWidth({ isTTY, columns }: NodeJS.WriteStream = process.stdout): number {
  return isTTY ? columns || 80 : Infinity;
}

export function plain(piece: Piece): string {
  return typeof piece === "string" ? piece : piece.text;
}

/** A piece for one line of the terminal. Styles are for terminals alone, and only without NO_COLOR. */
export function painted(piece: Piece): string {
  const text = harmless(plain(piece));
  return typeof piece === "string" || text === "" ? text : styleText(piece.style, text);
}

/** A text without line breaks and other characters that a terminal obeys. */
export function harmless(text: string): string {
  return printable(text).replaceAll("\n", "\\n");
}

/** Prints a line. */
export function say(...pieces: Piece[]): void {
  console.log(pieces.map(painted).join("").trimEnd());
}

/** Prints a text of several lines. */
export function sayText(text: string): void {
  console.log(printable(text));
}

/** Prints sentences on stderr, beside the output: a line each, which a terminal gets broken between words. */
export function remark(sentences: string): void {
  console.error(broken(printable(sentences), screenWidth(process.stderr)));
}

/** A text of several lines, each broken between words where it is too long. */
export function broken(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => linesOf(line, width))
    .join("\n");
}

/** The text in lines of so many columns, broken between words. A word that is too long has a line of its own. */
export function linesOf(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && stringWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Prints a value as JSON; with escapes for characters that a terminal would obey. */
export function sayJson(value: unknown): void {
  console.log(printable(JSON.stringify(value, null, 2)));
}

/** Prints a value as one line of JSON. */
export function sayJsonLine(value: unknown): void {
  console.log(printable(JSON.stringify(value)));
}

/** The colour in which a state is shown. Ends well: green; will be tried again: yellow; needs somebody: red. */
const styles: Readonly<Record<string, Style>> = {
  delivered: "green",
  up: "green",
  pending: "dim",
  retrying: "yellow",
  paused: "yellow",
  open: "red",
  disabled: "red",
  dead: "red",
  quarantined: "red",
  wrong: "red",
};

/** @param awaits the receiver that it waits for */
export function stateOf(state: string, awaits?: string): Piece {
  if (awaits !== undefined) return { text: `awaits a ${awaits}`, style: "yellow" };
  const style = styles[state];
  return style ? { text: state, style } : state;
}
