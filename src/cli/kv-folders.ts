/** The KV namespaces of plain workerd: each folder in `kv` of the data folder is the namespace of a binding of its name. */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { isErrno } from "./errno.ts";

/**
 * The folder of each namespace, by binding.
 * @param taken names that are not free for a binding
 */
export function kvFolders(dataDir: string, taken: readonly string[]): Readonly<Record<string, string>> {
  const folder = resolve(dataDir, "kv");
  const names = foldersIn(folder).filter((name) => /^[A-Za-z_]\w*$/.test(name) && !taken.includes(name));
  return Object.fromEntries(names.map((name) => [name, join(folder, name)]));
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? one.name : []));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}
