/** Whether the files in use stay where a start would find them. The runtime does not notice when they are removed. */
import { readdirSync, readlinkSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { isErrno } from "./errno.ts";

/**
 * A look at whether the files in use are still where a start would find them. A process goes on writing into files
 * that were removed or moved, so events would be acknowledged and lost. A healthy gateway must not be ended. An error
 * of the file system is no evidence, and two looks in a row must find the same file gone.
 * @param folders of the classes of objects; one may be missing
 * @returns a look, which never throws. It answers with a sentence about the first file that is gone, or null
 */
export function fileWatch(
  dataDir: string,
  folders: readonly string[],
  processes: readonly number[],
): () => string | null {
  const known = new Set([dataDir]);
  let suspects: readonly string[] = [];
  return () => {
    for (const folder of folders)
      for (const name of namesIn(folder)) if (name.endsWith(".sqlite")) known.add(join(folder, name));
    const gone = [
      ...[...known].filter((path) => identityOf(path) === "missing"),
      ...processes.flatMap(openFiles).flatMap(({ link, path }) => {
        const name = basename(link).replace(deleted, "");
        const places =
          name === lockName ? [join(dataDir, name)] : folders.map((folder) => join(folder, name));
        return isElsewhere(path, places) ? link.replace(deleted, "") : [];
      }),
    ];
    const found = gone.find((path) => suspects.includes(path));
    suspects = gone;
    return found === undefined
      ? null
      : `${found} was removed or moved while the gateway used it, hence it ends: events of the last second may be lost`;
  };
}

const lockName = "gateway.lock";

/**
 * Linux appends this to the name of an open file that no folder has any more. A network file system may make it forget
 * the name of a file that is still there, so this alone proves nothing.
 */
const deleted = / \(deleted\)$/;

const ours = /^(gateway\.lock|[0-9a-f]{64}\.sqlite(-wal)?|metadata\.sqlite(-wal)?)( \(deleted\))?$/;

/** The databases and logs that a process has open; none where the system does not tell. */
function openFiles(pid: number): { link: string; path: string }[] {
  return namesIn(`/proc/${pid}/fd`).flatMap((fd) => {
    const path = `/proc/${pid}/fd/${fd}`;
    try {
      const link = readlinkSync(path);
      return ours.test(basename(link)) ? [{ link, path }] : [];
    } catch {
      // The file was closed meanwhile.
      return [];
    }
  });
}

/** Whether an open file surely stands at none of these places. */
function isElsewhere(open: string, places: readonly string[]): boolean {
  const identity = identityOf(open);
  if (identity === "missing" || identity === "unknown") return false;
  return places.every((place) => ![identity, "unknown"].includes(identityOf(place)));
}

/** The device and the number of a file; `missing` if there is surely none, `unknown` if the system does not tell. */
function identityOf(path: string): string {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    return isErrno(error, "ENOENT", "ENOTDIR") ? "missing" : "unknown";
  }
}

/** The names in a folder; none if it cannot be read. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
