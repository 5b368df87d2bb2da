/** A disk of a few megabytes that a test fills and frees: a file system in memory that no other process sees. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

export interface SmallDisk {
  /** The folder, seen from here. */
  path: string;
  /** Takes all room that is left. */
  fill(): void;
  free(): void;
}

/** Null where this system mounts none: on Linux alone, for root or where user namespaces are allowed. */
export async function smallDisk(megabytes: number): Promise<SmallDisk | null> {
  if (process.platform !== "linux") return null;
  const scratch = mkdtempSync(join(tmpdir(), "tim-relay-disk-"));
  const mount = `mount -t tmpfs -o size=${megabytes}m tmpfs "$0" && echo mounted && exec sleep 3600`;
  const asUser = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  const holder = spawn("unshare", ["--mount", ...asUser, "sh", "-c", mount, scratch], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  after(() => {
    holder.kill("SIGKILL");
    rmSync(scratch, { recursive: true });
  });
  if (!(await isMounted(holder))) return null;
  const path = `/proc/${holder.pid}/root${scratch}`;
  const filler = join(path, "filler");
  return {
    path,
    fill() {
      const file = openSync(filler, "a");
      try {
        for (const page = Buffer.alloc(4096); ; ) writeSync(file, page);
      } catch {
        // ENOSPC: there is no room left.
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler),
  };
}

async function isMounted(holder: ChildProcess): Promise<boolean> {
  const mounted = once(holder.stdout!, "data").then(() => true);
  const failed = Promise.race([once(holder, "error"), once(holder, "exit")]).then(() => false);
  return Promise.race([mounted, failed]);
}
