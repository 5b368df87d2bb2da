/** Programs of the documents that no test runs: they compile against the package. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../src/cli/root.ts";
import type { Block } from "./pages.ts";

/** Names that a reader brings, with what they are. */
const brought = `
declare global {
  const isNew: (id: string) => Promise<boolean>;
  const handle: (event: unknown) => Promise<void>;
}
`;

/** The compiler's mistakes in blocks of TypeScript and JavaScript, each beginning with page and line. */
export function compilerProblems(blocks: readonly Block[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "tim-relay-code-"));
  try {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    for (const [index, { language, text }] of blocks.entries())
      writeFileSync(join(folder, `${index}.${language === "ts" ? "mts" : "mjs"}`), `${text}\nexport {};\n`);
    writeFileSync(join(folder, "brought.d.mts"), `${brought}export {};\n`);
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(configuration));
    const tsc = join(root, "node_modules/@typescript/native/bin/tsc");
    const { stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", folder], {
      cwd: folder,
      encoding: "utf8",
    });
    return (stdout + stderr)
      .split("\n")
      .filter(Boolean)
      .map((line) =>
        line.replace(/^(\d+)\.m[tj]s\((\d+),\d+\)/, (_, index: string, at: string) => {
          const { page, line: begin } = blocks[Number(index)]!;
          return `${page}:${begin + Number(at)}`;
        }),
      );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const configuration = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    allowJs: true,
    checkJs: true,
    noImplicitAny: false,
    skipLibCheck: true,
    target: "es2024",
    lib: ["es2024", "dom", "dom.iterable"],
    module: "nodenext",
    types: ["node"],
    paths: {
      "tim-relay/client": [join(root, "src/client/index.d.ts")],
      "tim-relay/receiver": [join(root, "src/receiver/index.d.cts")],
      "tim-relay/commands": [join(root, "src/receiver/commands.d.cts")],
    },
  },
  include: ["*.mts", "*.mjs"],
};
