/** Every table of a shard, from the header of the file that owns it: a row with values, and the rows that it costs. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Language, pathIn } from "./language.ts";
import { tableTexts } from "./zh-CN/tables.ts";

const shard = "src/shard";

/** The order in which an event meets the tables. */
const folders = ["journal", "pump", "replay", "erase", "append", "cluster"];

/** @param root of the project */
export function tablesPage(root: string, language: Language): string {
  const files = readdirSync(join(root, shard), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const parts = files.flatMap((file) =>
    tablesOf(`${shard}/${file}`, readFileSync(join(root, shard, file), "utf8"), language),
  );
  return parts.join("\n\n");
}

function rank(file: string): number {
  return folders.indexOf(file.split("/")[0]!);
}

/** Fails if a file makes a table, and its header does not show a row with all columns, and say how many rows are written. */
function tablesOf(path: string, source: string, language: Language): string[] {
  if (!source.includes("CREATE TABLE")) return [];
  const header = (/^\/\*\*\n([\s\S]*?)\n \*\//.exec(source)?.[1] ?? "").replace(/^ \* ?/gm, "");
  const parts = /^([\s\S]+?)(?:A row|Rows) of `(\w+)`:\n\n([\s\S]+?)\n\n(Rows written: [\s\S]+)$/.exec(
    header,
  );
  if (!parts) throw new Error(`${path} makes a table: its header must show a row, and the rows written`);
  const [, about, name, row, written] = parts as unknown as [string, string, string, string, string];
  const made = namesIn(/CREATE TABLE .*/.exec(source)![0], /[(,] ?(\w+) (?:TEXT|INTEGER|BLOB)/g);
  const shown = namesIn(row, /^ {4}(\w+) {2,}/gm);
  if (header.includes("A row of") && shown !== made)
    throw new Error(`${path} makes a table with the columns ${made}: its header shows ${shown}`);
  const link = `[${path}](${relative(pathIn(language, ""), path)})`;
  const texts = language === "en" ? null : chineseOf(name);
  return [
    `### \`${name}\``,
    texts ? `${texts.about}（${link}）` : `${flowing(about)} (${link})`,
    `\`\`\`text\n${row.replace(/^ {4}/gm, "")}\n\`\`\``,
    texts?.written ?? flowing(written),
  ];
}

/** Throws if `zh-CN/tables.ts` has no Chinese of a table. */
function chineseOf(name: string): { about: string; written: string } {
  const texts = tableTexts[name.replace(/_\d+$/, "")];
  if (!texts) throw new Error(`src/generate/zh-CN/tables.ts has no Chinese of the table ${name}`);
  return texts;
}

/** Sorted: columns that were added later stand last in a table. */
function namesIn(text: string, pattern: RegExp): string {
  return [...text.matchAll(pattern)]
    .map(([, name]) => name)
    .sort()
    .join(", ");
}

/** The lines of a header, joined to one. */
function flowing(text: string): string {
  return text.trim().replaceAll("\n", " ");
}
