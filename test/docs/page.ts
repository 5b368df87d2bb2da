/** A page of documentation, read into its sections: headings, blocks, tables, links and images, in their order. */
import { posix } from "node:path";

export interface Page {
  path: string;
  /** The whole text. */
  text: string;
  /** The first begins with the title. */
  sections: readonly Section[];
}

export interface Section {
  level: number;
  heading: string;
  /** As GitHub makes it from the heading. */
  anchor: string;
  code: Code[];
  tables: Table[];
  /** HTML comments: the marks of generated parts. */
  marks: string[];
  links: string[];
  images: string[];
  /** The contents of code spans, each once. */
  spans: Set<string>;
  /** The numbers in digits, outside of code, each once. Millions are left out: Chinese counts by ten thousands. */
  numbers: Set<string>;
  paragraphs: number;
  items: number;
}

export interface Code {
  info: string;
  lines: readonly string[];
}

/** Its rows of cells. The first is the head, the second draws the line. */
export type Table = string[][];

/** A code span: its backticks, and its contents. */
export const span = /(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g;

export function readPage(path: string, text: string): Page {
  const sections: Section[] = [];
  const anchors: string[] = [];
  let section = emptySection(0, "", "");
  let table: Table | null = null;
  /** Whether the line before belongs to a paragraph or an item. */
  let flowing = false;
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const [, indent, fence, info] = /^( *)(`{3,})(.*)$/.exec(line) ?? [];
    if (fence !== undefined) {
      const end = lines.indexOf(`${indent}${fence}`, at + 1);
      section.code.push({ info: info!, lines: lines.slice(at + 1, end) });
      at = end === -1 ? lines.length : end;
      table = null;
      flowing = false;
      continue;
    }
    const [, marks, heading] = /^(#+) (.+)$/.exec(line) ?? [];
    if (heading !== undefined) {
      section = emptySection(marks!.length, heading, anchorOf(heading, anchors));
      anchors.push(section.anchor);
      sections.push(section);
    }
    const row = /^\s*\|/.test(line);
    if (row) {
      if (table === null) {
        table = [];
        section.tables.push(table);
      }
      table.push(cellsOf(line));
    } else table = null;
    if (/^<!--/.test(line)) section.marks.push(line);
    const item = /^\s*([-*]|\d+\.) /.test(line);
    const prose = line.trim() !== "" && heading === undefined && !row && !/^\s*</.test(line);
    if (item) section.items++;
    else if (prose && !flowing && !/^ {2,}/.test(line)) section.paragraphs++;
    flowing = prose;
  }
  for (const [index, part] of splitAtHeadings(withoutBlocks(text)).entries()) {
    if (!sections[index]) continue;
    const prose = withoutSpans(part);
    sections[index].links.push(...linksIn(prose));
    sections[index].images.push(...imagesIn(prose));
    sections[index].numbers = new Set(numbersIn(prose));
    // A line may break within a span.
    sections[index].spans = new Set(codeSpansOf(part).map((span) => span.replace(/\s+/g, " ")));
  }
  return { path, text, sections };
}

function emptySection(level: number, heading: string, anchor: string): Section {
  return {
    level,
    heading,
    anchor,
    code: [],
    tables: [],
    marks: [],
    links: [],
    images: [],
    spans: new Set(),
    numbers: new Set(),
    paragraphs: 0,
    items: 0,
  };
}

/** The text of each section, its heading included. What stands before the first heading belongs to none. */
function splitAtHeadings(text: string): string[] {
  return text.split(/^(?=#+ )/m).filter((part) => /^#+ /.test(part));
}

/** The text with every code span emptied. */
function withoutSpans(text: string): string {
  return text.replace(span, "``");
}

/** The text without blocks of code. */
export function withoutBlocks(text: string): string {
  return text.replace(/^( *)(`{3,})[^`\n]*\n[\s\S]*?^\1\2$/gm, "");
}

/** The targets of links, those of the web too. */
function linksIn(text: string): string[] {
  return [...text.matchAll(/(!?)\[[^\]]*\]\(([^)\s]+)\)/g)].flatMap(([, image, target]) =>
    image === "!" ? [] : [target!],
  );
}

function imagesIn(text: string): string[] {
  const found = text.matchAll(/!\[[^\]]*\]\(([^)\s]+)\)|\b(?:src|srcset)="([^"]+)"/g);
  return [...found].map(([, inline, tag]) => (inline ?? tag)!);
}

function numbersIn(prose: string): string[] {
  const text = prose
    .replace(/\]\([^)]*\)/g, "")
    .replace(/(?<=\d),(?=\d{3})/g, "")
    .replace(/\d[\d.]*( to \d[\d.]*)?\s+million/g, "");
  return [...text.matchAll(/\d+(?:[.:-]\d+)*/g)].map(([number]) => number);
}

/** Cells of a row. A `|` of a code span separates nothing if it is escaped. */
function cellsOf(row: string): string[] {
  return row
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}

/** The contents of code spans, in their order. */
export function codeSpansOf(text: string): string[] {
  return [...text.matchAll(span)].map(([, , code]) => code!);
}

/** The anchor of a heading, as GitHub makes it: beside the anchors before it. */
function anchorOf(heading: string, before: readonly string[]): string {
  const anchor = heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");
  const same = before.filter((one) => one.replace(/-\d+$/, "") === anchor || one === anchor).length;
  return same === 0 ? anchor : `${anchor}-${same}`;
}

/** Where a link of a page leads: a path in the project, and an anchor or null. */
export function targetOf(page: string, link: string): { path: string; anchor: string | null } {
  const [path, anchor] = link.split("#") as [string, string?];
  const file = path === "" ? page : posix.join(posix.dirname(page), path);
  return { path: file.replace(/\/$/, ""), anchor: anchor ?? null };
}

export function isOfTheWeb(link: string): boolean {
  return /^(https?|mailto):/.test(link);
}
