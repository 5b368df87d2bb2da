/** A copy of the project, as a user has it checked out. */
import {
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

const root = join(import.meta.dirname, "../..");

/**
 * A checkout with these files beside those of the project. It is removed when the test ends. Its sources are not to be
 * written to: they may be the files of the project.
 * @param standIn the source of a program in place of wrangler, which is told the same arguments; null: wrangler itself
 */
export function checkout(files: Readonly<Record<string, string>>, standIn: string | null): string {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), "tim-relay-checkout-")));
  after(() => rmSync(parent, { recursive: true, force: true, maxRetries: 5 }));
  const folder = join(parent, "tim-relay");
  lend(join(root, "src"), join(folder, "src"));
  for (const name of ["package.json", "wrangler.toml", "tsconfig.json", "tsconfig.dashboard.json"])
    cpSync(join(root, name), join(folder, name));
  mkdirSync(join(folder, "docs"));
  cpSync(join(root, "docs/openapi.json"), join(folder, "docs/openapi.json"));
  const modules = join(folder, "node_modules");
  if (standIn === null) symlinkSync(join(root, "node_modules"), modules, "junction");
  else {
    // Other packages are found in the folder above.
    symlinkSync(join(root, "node_modules"), join(parent, "node_modules"), "junction");
    mkdirSync(join(modules, "wrangler"), { recursive: true });
    writeFileSync(join(modules, "wrangler/package.json"), '{"name": "wrangler", "main": "cli.js"}');
    writeFileSync(join(modules, "wrangler/cli.js"), standIn);
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** Copies a folder by hard links, which takes a tenth of the time; by copies where there are none. */
function lend(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) lend(source, target);
    else
      try {
        linkSync(source, target);
      } catch {
        copyFileSync(source, target);
      }
  }
}
