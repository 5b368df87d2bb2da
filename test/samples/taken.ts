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
      // Each file is used under its name.
      ...files.map(([, page = ""]) => ({
        page,
        takes: ({ info }: Block) => source.includes(`"${/ file=(\S+)$/.exec(info)?.[1]}"`),
      })),
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
