/** Files that are written so that no moment and no other person finds them in a wrong state. */
import { existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

const ownerAlone = 0o600;

/** Writes a file anew that only its owner reads, whatever was there. */
export function writePrivate(path: string, text: string): void {
  rmSync(path, { force: true });
  writeFileSync(path, text, { mode: ownerAlone, flag: "wx" });
}

/** Writes a private file, which is whole at every moment. */
export function replacePrivate(path: string, text: string): void {
  writePrivate(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** Writes a file, which is whole at every moment, and keeps its mode. A symbolic link stays one. */
export function replaceFile(path: string, text: string): void {
  const isThere = existsSync(path);
  const target = isThere ? realpathSync(path) : path;
  try {
    writeFileSync(`${target}.new`, text, isThere ? { mode: statSync(target).mode & 0o777 } : {});
    renameSync(`${target}.new`, target);
  } finally {
    rmSync(`${target}.new`, { force: true });
  }
}
