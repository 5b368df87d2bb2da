/** A Redis for the bench alone: a process, a port and a folder of its own. One that runs already is left alone. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { unusedPort } from "../support/port.ts";

export const withoutRedis = "there is no redis-server on PATH; Debian's package has that name";

export interface Redis {
  child: ChildProcess;
  port: number;
}

/**
 * Each write goes to the log at once, and the log to the disk once a second: so teams run it.
 * @returns null: there is no `redis-server`
 */
export async function startRedis(dir: string): Promise<Redis | null> {
  const port = await unusedPort();
  const child = spawn(
    "redis-server",
    [
      ["--bind", "127.0.0.1"],
      ["--port", String(port)],
      ["--dir", dir],
      ["--appendonly", "yes"],
      ["--appendfsync", "everysec"],
      ["--save", ""],
      ["--maxmemory-policy", "noeviction"],
    ].flat(),
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const started = await Promise.race([once(child, "spawn"), once(child, "error").then(() => null)]).catch(
    () => null,
  );
  if (started === null) return null;
  for await (const line of createInterface(child.stdout!)) {
    if (!line.includes("Ready to accept connections")) continue;
    child.stdout!.resume();
    return { child, port };
  }
  throw new Error("redis-server ended by itself");
}
