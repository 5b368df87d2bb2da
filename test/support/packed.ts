/** A project that has installed the package of `npm pack`. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";

const root = join(import.meta.dirname, "../..");

/**
 * @param dependencies packages that the project has besides
 * @returns the folders of the project and of the package in it, and the files that the package holds
 */
export function packedProject(dependencies: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), "tim-relay-packed-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const json = execFileSync("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const [{ filename, files }] = JSON.parse(json) as { filename: string; files: { path: string }[] }[] as [
    { filename: string; files: { path: string }[] },
  ];
  const installed = join(folder, "node_modules/tim-relay");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["xzf", filename, "-C", installed, "--strip-components=1"], { cwd: folder });
  for (const name of dependencies) {
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name), "junction");
  }
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  return { folder, installed, files: files.map(({ path }) => path).sort() };
}
