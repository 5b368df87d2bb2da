/** Runs commands of `tim-relay` at a gateway. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { adminToken } from "./client.ts";
import { type Run, run } from "./program.ts";

export interface Commands {
  /** A folder without settings, in which the commands run. */
  cwd: string;
  environment(): Record<string, string>;
  /** Starts a command. */
  start(...args: string[]): Run;
  /** Runs a command to its end. */
  relay(...args: string[]): Promise<{ code: number | null; log: string; lines: string[] }>;
}

export function commandsAt(gateway: { readonly url: string }): Commands {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), "tim-relay-cli-")));
  after(() => rmSync(cwd, { recursive: true, maxRetries: 5 }));
  const environment = () => ({
    TIM_RELAY_URL: gateway.url,
    TIM_RELAY_TOKEN: adminToken,
    TZ: "Asia/Shanghai",
  });
  const start = (...args: string[]) => run("tim-relay.js", { cwd, args, environment: environment() });
  return {
    cwd,
    environment,
    start,
    async relay(...args) {
      const program = start(...args);
      const code = await program.ended;
      return { code, log: program.log(), lines: program.log().trimEnd().split("\n") };
    },
  };
}
