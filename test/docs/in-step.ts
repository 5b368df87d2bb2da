/** How a Chinese page differs from the English one, beyond its words. */
import { chineseOf, englishOf } from "./languages.ts";
import { codeSpansOf, isOfTheWeb, type Page, type Section, type Table, targetOf } from "./page.ts";

/** Reads a page that a link leads to; null if there is none. */
export type Find = (path: string) => Page | null;

/** A sentence for each difference, with the page and the section. */
export function differences(english: Page, chinese: Page, find: Find): string[] {
  const found = languageLines(english, chinese);
  const [these, those] = [english.sections, chinese.sections];
  for (let at = 0; at < Math.max(these.length, those.length); at++) {
    const [one, other] = [these[at], those[at]];
    // After a heading too many or too few, no section has a counterpart.
    if (one?.level !== other?.level)
      return [...found, `${chinese.path}: heading ${at + 1} is ${named(other)}; in English ${named(one)}`];
    const place = `${chinese.path}, “${other!.heading}”`;
    found.push(
      ...sectionDifferences(one!, other!).map((text) => `${place}: ${text}`),
      ...linkDifferences(english, one!, chinese, other!, find).map((text) => `${place}: ${text}`),
    );
  }
  return found;
}

function named(section: Section | undefined): string {
  return section ? `“${"#".repeat(section.level)} ${section.heading}”` : "missing";
}

/** Below its title each page links the other language, on a line of its own. */
function languageLines(english: Page, chinese: Page): string[] {
  const [to, back] =
    english.path === "README.md"
      ? [chinese.path, english.path]
      : [chinese.path.replace(/^docs\//, ""), english.path.replace(/^docs\//, "../")];
  return [...languageLine(english, `[简体中文](${to})`), ...languageLine(chinese, `[English](${back})`)];
}

function languageLine(page: Page, line: string): string[] {
  const [title, ...below] = page.text.split("\n", 4);
  return /^# ./.test(title!) && below.join("\n") === `\n${line}\n`
    ? []
    : [`${page.path}: below its title must stand ${line}`];
}

function sectionDifferences(english: Section, chinese: Section): string[] {
  return [
    ...counted("paragraphs", english.paragraphs, chinese.paragraphs),
    ...counted("list items", english.items, chinese.items),
    ...codeDifferences(english, chinese),
    ...counted("tables", english.tables.length, chinese.tables.length),
    ...english.tables.flatMap((table, at) => tableDifferences(at + 1, table, chinese.tables[at] ?? table)),
    ...compared("marks of generated parts", english.marks, chinese.marks),
    ...[...english.spans.difference(chinese.spans)].map(
      (code) => `does not name \`${code}\`, as English does`,
    ),
    ...[...chinese.spans.difference(english.spans)].map((code) => `names \`${code}\`, and English does not`),
    ...[...english.numbers.difference(chinese.numbers)].map(
      (number) => `does not have the number ${number}, as English does`,
    ),
  ];
}

function counted(things: string, english: number, chinese: number): string[] {
  return english === chinese ? [] : [`has ${chinese} ${things}; in English ${english}`];
}

function compared(things: string, english: readonly string[], chinese: readonly string[]): string[] {
  return String(english) === String(chinese)
    ? []
    : [`${things} are ${list(chinese)}; in English ${list(english)}`];
}

function list(texts: readonly string[]): string {
  return texts.length === 0 ? "none" : texts.join(", ");
}

function codeDifferences(english: Section, chinese: Section): string[] {
  if (english.code.length !== chinese.code.length)
    return counted("blocks of code", english.code.length, chinese.code.length);
  return english.code.flatMap(({ info, lines }, at) => {
    const other = chinese.code[at]!;
    const block = `block of code ${at + 1}`;
    if (info !== other.info) return [`${block} is of \`${other.info}\`; in English of \`${info}\``];
    const shown = info === "mermaid" ? withoutLabels : (line: string) => line;
    const line = Array.from({ length: Math.max(lines.length, other.lines.length) }, (_, n) => n).find(
      (n) =>
        lines[n] === undefined || other.lines[n] === undefined || shown(lines[n]) !== shown(other.lines[n]),
    );
    if (line === undefined) return [];
    return [`${block}, line ${line + 1} is ${quoted(other.lines[line])}; in English ${quoted(lines[line])}`];
  });
}

function quoted(line: string | undefined): string {
  return line === undefined ? "missing" : `\`${line}\``;
}

/** The label of a node, in its brackets. Within quotes a label may hold brackets. */
const nodeLabel =
  /(?<=\w)(\[\(.*?\)\]|\(\[.*?\]\)|\[\[.*?\]\]|\(\(.*?\)\)|\["[^"]*"\]|\("[^"]*"\)|\{"[^"]*"\}|\[[^\]]*\]|\([^)]*\)|\{[^}]*\})/g;

/** A line of a diagram: its nodes and arrows, without the labels at them. */
function withoutLabels(line: string): string {
  return (
    line
      // Labels of nodes: `a[text]`, `a[(text)]`, `a{text}`, `a("text")`. Their brackets are their shape.
      .replace(nodeLabel, (label) => /^[[({]+/.exec(label)![0])
      // Labels at arrows: `-- text -->`, `-. text .->`, `-->|text|`, and those of a state's transition, `--> b: text`.
      .replace(/-- .+? -->/g, "-->")
      .replace(/-\. .+? \.->/g, "-.->")
      .replace(/\|[^|]*\|/g, "||")
      .replace(/^(\s*\S+ *-+>+ *\S+?): .*$/, "$1:")
      .replace(/^(\s*(?:participant|actor) \S+ as ).*$/, "$1")
      .replace(/^(\s*note [^:]+: ?).*$/i, "$1")
  );
}

function tableDifferences(number: number, english: Table, chinese: Table): string[] {
  const table = `table ${number}`;
  if (english.length !== chinese.length)
    return [`${table} has ${chinese.length - 2} rows; in English ${english.length - 2}`];
  return english.flatMap((row, at) => {
    const other = chinese[at]!;
    const line = `${table}, row ${at - 1}`;
    if (row.length !== other.length)
      return [`${at === 0 ? `${table}, head` : line} has ${other.length} columns; in English ${row.length}`];
    const [one, two] = [codeSpansOf(row[0]!), codeSpansOf(other[0]!)];
    return compared(`${line}: code in the first column`, one, two).map((text) =>
      text.replace(" are ", " is "),
    );
  });
}

/** A link of one page must lead to the same place as one of the other: to the same section, in its own language. */
function linkDifferences(english: Page, one: Section, chinese: Page, other: Section, find: Find): string[] {
  const here = one.links.filter((link) => !isLanguageLine(english.path, link));
  const there = other.links.filter((link) => !isLanguageLine(chinese.path, link));
  const wanted = here.map((link) => placeOf(english.path, link, find));
  const images = one.images.map((image) => targetOf(english.path, image).path);
  return [
    ...there.flatMap((link) => {
      const version = chineseOf(targetOf(chinese.path, link).path);
      return version === null || isOfTheWeb(link)
        ? []
        : [`links ${link}, which has the Chinese version ${version}`];
    }),
    ...uneven(
      "links",
      wanted,
      there.map((link) => placeOf(chinese.path, link, find)),
    ),
    ...uneven(
      "images",
      images,
      other.images.map((image) => targetOf(chinese.path, image).path.replace(/-zh(-CN)?(?=[-.])/, "")),
    ),
  ];
}

function isLanguageLine(page: string, link: string): boolean {
  const { path, anchor } = targetOf(page, link);
  return anchor === null && (chineseOf(page) === path || englishOf(page) === path);
}

/** A place that is the same for both languages: the path of the English page, and the number of the section. */
function placeOf(page: string, link: string, find: Find): string {
  if (isOfTheWeb(link)) return link;
  const { path, anchor } = targetOf(page, link);
  const place = englishOf(path) ?? path;
  if (anchor === null) return place;
  const section = find(path)?.sections.findIndex((one) => one.anchor === anchor) ?? -1;
  return section === -1 ? `${place}, a heading that is missing` : `${place}, heading ${section + 1}`;
}

/** What one side has more often than the other. */
function uneven(things: string, english: readonly string[], chinese: readonly string[]): string[] {
  const count = (all: readonly string[], one: string) => all.filter((each) => each === one).length;
  return [...new Set([...english, ...chinese])].flatMap((one) => {
    const [here, there] = [count(english, one), count(chinese, one)];
    return here === there ? [] : [`has ${there} ${things} to ${one}; in English ${here}`];
  });
}
