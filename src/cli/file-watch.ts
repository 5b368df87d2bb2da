/** Whether the files in use stay where a start would find them. The runtime does not notice when they are removed. */
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { join, sep } from "node:path";

/**
 * A look at whether the files in use are still where a start would find them. A process goes on writing into files
 * that were removed or moved, so events would be acknowledged and lost.
 * @returns a look, which answers with a sentence about the first file that is gone, or null
 */
export function fileWatch(
  dataDir: string,
  folder: string,
  processes: readonly number[],
): () => string | null {
  const known = new Set([dataDir]);
  return () => {
    for (const name of existsSync(folder) ? readdirSync(folder) : [])
      if (name.endsWith(".sqlite")) known.add(join(folder, name));
    const gone =
      [...known].find((path) => !existsSync(path)) ??
      processes.flatMap(openFiles).find((path) => !path.startsWith(dataDir + sep) || path.endsWith(deleted));
    return gone === undefined
      ? null
      : `${gone.replace(deleted, "")} was removed or moved while the gateway used it, hence it ends: events of the last second may be lost`;
  };
}

/** Linux appends this to the name of an open file that no folder has any more. */
const deleted = " (deleted)";

/** The databases and logs that a process has open; none where the system does not tell. */
function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`)
      .flatMap((fd) => linkOf(`/proc/${pid}/fd/${fd}`))
      .filter((path) =>
        /\/(gateway\.lock|[0-9a-f]{64}\.sqlite(-wal)?|metadata\.sqlite(-wal)?)( \(deleted\))?$/.test(path),
      );
  } catch {
    return [];
  }
}

/** A file may be closed meanwhile. */
function linkOf(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}
