/** The files that a page of documentation holds: blocks of code whose first line is `file=NAME` beside the language. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The text of each file, by its name. */
export function documentedFiles(page: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(import.meta.dirname, "../..", page), "utf8");
  return new Map(
    [...text.matchAll(/^```\w+ file=(\S+)\n([\s\S]*?)^```$/gm)].map(([, name, code]) => [name!, code!]),
  );
}
