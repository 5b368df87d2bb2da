/**
 * The blocks of code that a test takes from a page of documentation, to run or to compare them. `test/samples` looks for
 * these calls in the sources of the tests: a block that one of them takes needs no other check.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface DocumentedBlock {
  /** All that stands beside the fence: `ts worker`. */
  info: string;
  text: string;
}

/** The blocks of these kinds, in the order of the page. */
export function documentedBlocks(page: string, ...infos: readonly string[]): readonly DocumentedBlock[] {
  return blocksOf(page).filter(({ info }) => infos.includes(info));
}

/** The files that a page holds, by their names: blocks that say `file=NAME` beside the language. */
export function documentedFiles(page: string): ReadonlyMap<string, string> {
  return new Map(
    blocksOf(page).flatMap(({ info, text }) => {
      const [, name] = /^\w+ file=(\S+)$/.exec(info) ?? [];
      return name === undefined ? [] : [[name, text] as const];
    }),
  );
}

function blocksOf(page: string): readonly DocumentedBlock[] {
  const source = readFileSync(join(import.meta.dirname, "../..", page), "utf8");
  const blocks = source.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, info = "", text = ""]) => ({ info, text }));
}
