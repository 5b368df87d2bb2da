/** Tables that fit a terminal. Chinese characters and emoji take two columns of it. */
import stringWidth from "string-width";
import { harmless, type Piece, plain, say } from "./screen.ts";

export interface Column<Row> {
  title: string;
  cell(row: Row): Piece;
  /** The width of its longer texts, taken at least: the columns beside it stay the same while its texts change. */
  usual?: number;
  /** May be cut to so many columns; otherwise the column is shown whole. */
  least?: number;
  /** Left out where the terminal is too narrow, the last such column first. */
  optional?: true;
  /** Numbers stand right. */
  right?: true;
}

const gap = 2;

/** The lines of a table, the title first. @param width Infinity: nothing is cut or left out */
export function tableOf<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): Piece[][] {
  const cells = columns.map((column) => ({
    column,
    width: Math.max(
      column.usual ?? 0,
      ...[column.title, ...rows.map((row) => plain(column.cell(row)))].map(widthOf),
    ),
  }));
  const shown = fitted(cells, width);
  const title = shown.map((one) => ({ ...one, piece: { text: one.column.title, style: "dim" } as const }));
  const lines = rows.map((row) => shown.map((one) => ({ ...one, piece: one.column.cell(row) })));
  return [title, ...lines].map((line) =>
    line.flatMap((one, index) => cellOf(one, index === line.length - 1)),
  );
}

/** Prints a table; where it goes on from an earlier page, without its title. */
export function sayTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
  goesOn = false,
): void {
  for (const line of tableOf(columns, rows, width).slice(goesOn ? 1 : 0)) say(...line);
}

interface Sized<Row> {
  column: Column<Row>;
  width: number;
}

/** The columns and widths for a terminal: optional columns go first, then the widest of the rest are cut. */
function fitted<Row>(cells: readonly Sized<Row>[], width: number): Sized<Row>[] {
  const shown = cells.map((cell) => ({ ...cell }));
  const needed = (least: boolean) =>
    shown.reduce(
      (sum, one) => sum + (least ? Math.min(one.width, one.column.least ?? one.width) : one.width),
      0,
    ) +
    gap * (shown.length - 1);
  while (needed(true) > width) {
    const last = shown.findLastIndex(({ column }) => column.optional);
    if (last < 0) break;
    shown.splice(last, 1);
  }
  for (let over = needed(false) - width; over > 0; over--) {
    const [widest] = shown
      .filter(({ column, width }) => width > (column.least ?? width))
      .sort((a, b) => b.width - a.width);
    if (!widest) break;
    widest.width--;
  }
  return shown;
}

function cellOf<Row>({ column, width, piece }: Sized<Row> & { piece: Piece }, isLast: boolean): Piece[] {
  const text = cutToWidth(harmless(plain(piece)), width);
  const space = " ".repeat(width - stringWidth(text));
  const cell = typeof piece === "string" ? text : { ...piece, text };
  if (column.right) return [space, cell, isLast ? "" : "  "];
  return [cell, isLast ? "" : `${space}  `];
}

/** Columns of a terminal. */
export const widthOf = (text: string) => stringWidth(harmless(text));

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The beginning of a text that takes at most so many columns of a terminal; `…` tells that it goes on. */
export function cutToWidth(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let cut = "";
  let taken = 1;
  for (const { segment } of graphemes.segment(text)) {
    taken += stringWidth(segment);
    if (taken > width) break;
    cut += segment;
  }
  return `${cut}…`;
}
