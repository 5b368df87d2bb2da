/**
 * Transcripts in a page: `console` blocks of commands and the text that these print. A test runs the commands and
 * compares. With UPDATE_TRANSCRIPTS=1 a block that differs is replaced by the text that was really printed.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { withoutTimes } from "./moment.ts";

const prompt = "$ npx tim-relay ";

/** Runs the arguments of `tim-relay` and resolves with all that it printed. */
export type Execute = (args: readonly string[]) => Promise<string>;

/** The headings of a page that have a transcript. */
export function headingsWithTranscript(path: string): string[] {
  const sections = readFileSync(path, "utf8").split(/^(?=#+ )/m);
  return sections.filter((one) => one.includes("```console\n")).map((one) => /^#+ (.*)/.exec(one)![1]!);
}

/** Runs the commands below a heading, and fails unless they print what the page says. */
export async function checkTranscript(path: string, heading: string, execute: Execute): Promise<void> {
  const page = readFileSync(path, "utf8");
  const start = page.indexOf(`# ${heading}\n`);
  assert.ok(start >= 0, `the page has no heading "${heading}"`);
  const opening = "```console\n";
  const from = page.indexOf(opening, start) + opening.length;
  const to = page.indexOf("```", from);
  const told = page.slice(from, to);
  const printed = await printedBy(told, execute);
  if (isSame(normalised(printed), normalised(told))) return;
  if (process.env.UPDATE_TRANSCRIPTS)
    writeFileSync(path, `${page.slice(0, from)}${printed}${page.slice(to)}`);
  else
    assert.equal(
      normalised(printed),
      normalised(told),
      `the transcript of "${heading}" is stale: look at it, then run this test with UPDATE_TRANSCRIPTS=1`,
    );
}

/** The transcript of the same commands now. An id that an earlier command printed is replaced by today's. */
async function printedBy(told: string, execute: Execute): Promise<string> {
  const today = new Map<string, string>();
  let latest: string | undefined;
  let printed = "";
  for (const step of told.split(/^(?=\$ )/m)) {
    const [line = "", ...output] = step.split("\n");
    assert.ok(line.startsWith(prompt), `expected a command of tim-relay: ${line}`);
    const command = line.replace(anyId, (id) => today.get(id) ?? latest ?? id);
    const text = await execute(argumentsOf(command.slice(prompt.length)));
    const ids = idsIn(text);
    for (const [index, id] of idsIn(output.join("\n")).entries()) if (ids[index]) today.set(id, ids[index]);
    latest = ids[0] ?? latest;
    printed += `${command}\n${text}\n`;
  }
  return printed.replace(/\n+$/, "\n");
}

const anyId = /\b(?:evt|rpl)_\w+/g;

/** Each once, in the order of their appearance. */
function idsIn(text: string): string[] {
  return [...new Set(text.match(anyId))];
}

/** Words of a shell: quotes hold words together. */
function argumentsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c!);
}

/** Whether texts have the same cells. A cell may be cut in one of them, where other cells left less room. */
function isSame(one: string, other: string): boolean {
  const [lines, others] = [one.split("\n"), other.split("\n")];
  return (
    lines.length === others.length &&
    lines.every((line, index) => {
      const [cells, otherCells] = [line.split(/ {2,}/), others[index]!.split(/ {2,}/)];
      return (
        cells.length === otherCells.length &&
        cells.every((cell, at) => isBeginning(cell, otherCells[at]!) || isBeginning(otherCells[at]!, cell))
      );
    })
  );
}

function isBeginning(cell: string, whole: string): boolean {
  return cell === whole || (cell.endsWith("…") && whole.startsWith(cell.slice(0, -1)));
}

/** The text without what differs from run to run: ids by their order, times, durations, addresses. */
function normalised(text: string): string {
  const ids = idsIn(text);
  return withoutTimes(text)
    .replace(anyId, (id) => `ID${ids.indexOf(id) + 1}`)
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "INSTANT")
    .replace(/\b(now|\d+[smh] ago|in \d+[smh])\b/g, "THEN")
    .replace(/\b\d+(\.\d+)? (ms|s)\b/g, "SPAN")
    .replace(/\b127\.0\.0\.1:\d+/g, "ADDRESS")
    .replace(/ +$/gm, "");
}
