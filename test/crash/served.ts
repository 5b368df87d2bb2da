/** `npm run serve` as a gateway that a round can kill. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { callbackToken } from "../support/callbacks.ts";
import { clientOf } from "../support/client.ts";
import type { Settings } from "../support/gateway.ts";
import { type Served, serve } from "../support/program.ts";
import { usualSettings } from "../support/settings.ts";
import type { Host } from "./round.ts";

export interface ServedHost extends Host {
  /** SIGKILL to the program alone: its workerd goes on. Resolves with the id of that process. */
  killProgram(): number;
}

export async function startServed(settings: Settings): Promise<ServedHost> {
  const dataDir = mkdtempSync(join(tmpdir(), "tim-relay-served-"));
  const running = new Set<Served>();
  let program = await begin(settings);
  after(() => rmSync(dataDir, { recursive: true, maxRetries: 5 }));

  async function begin(settings: Settings): Promise<Served> {
    const texts = Object.entries({ ...usualSettings, ...settings }).map(([name, value]) => [
      name,
      typeof value === "object" ? JSON.stringify(value) : String(value),
    ]);
    const served = await serve({ dataDir, settings: Object.fromEntries(texts) });
    running.add(served);
    return served;
  }
  return {
    ...clientOf(
      () => program.url,
      () => callbackToken,
    ),
    get url() {
      return program.url;
    },
    dataDir,
    log: () => program.log(),
    seen: (pattern) => program.seen(pattern),
    async kill() {
      await Promise.all([...running].map((served) => served.kill()));
      running.clear();
    },
    async flush() {
      await program.stop();
    },
    async start(settings) {
      assert.ok(settings);
      program = await begin(settings);
    },
    killProgram() {
      const { workerd } = JSON.parse(readFileSync(join(dataDir, "gateway.json"), "utf8"));
      process.kill(program.pid, "SIGKILL");
      return workerd;
    },
  };
}
