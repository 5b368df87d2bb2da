/** The blocks that other tests take from a page, and run or compare. Their sources say so. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../src/cli/root.ts";
import type { Block } from "./pages.ts";

interface Taken {
  page: string;
  takes: (block: Block) => boolean;
}

const taken: readonly Taken[] = globSync(["test/**/*.test.ts", "test/**/*.e2e.ts"], { cwd: root }).flatMap(
  (file) => {
    const source = readFileSync(join(root, file), "utf8");
    const files = [...source.matchAll(/\bdocumentedFiles\("([^"]+)"\)/g)];
    const blocks = [...source.matchAll(/\bdocumentedBlocks\("([^"]+)", ((?:"[^"]+"(?:, )?)+)\)/g)];
    return [
      ...files.map(([, page = ""]) => ({ page, takes: (block: Block) => / file=\S+$/.test(block.info) })),
      ...blocks.map(([, page = "", infos = ""]) => ({
        page,
        takes: (block: Block) => infos.split(", ").includes(`"${block.info}"`),
      })),
    ];
  },
);

export function isTaken(block: Block): boolean {
  return taken.some(({ page, takes }) => page === block.page && takes(block));
}
