/** Runs commands of `tim-relay` at a gateway. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after } from "node:test";
import { adminToken } from "./client.ts";
import { newDay } from "./moment.ts";
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

/** The commands of a gateway, with its address and an ADMIN_TOKEN in the environment. */
export function commandsAt(gateway: { readonly url: string }): Commands {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), "tim-relay-cli-")));
  after(() => rmSync(cwd, { recursive: true, maxRetries: 5 }));
  const environment = () => ({
    TIM_RELAY_URL: gateway.url,
    TIM_RELAY_TOKEN: adminToken,
    TZ: newDay,
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

/** A run of `tim-relay` to its end, with output and errors apart. */
export interface Outcome {
  code: number | null;
  output: string;
  errors: string;
}

export const program = join(import.meta.dirname, "../../src/cli/tim-relay.js");

/** Runs `tim-relay` into two pipes. @param flags of Node @param from the program, that of this project unless given */
export async function outcomeOf(
  args: readonly string[],
  {
    cwd,
    environment = {},
    flags = [],
    from = program,
  }: {
    cwd: string;
    environment?: Readonly<Record<string, string>>;
    flags?: readonly string[];
    from?: string;
  },
): Promise<Outcome> {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, [...flags, from, ...args], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH, HOME, TMPDIR, ...environment },
  });
  after(() => child.kill("SIGKILL"));
  const ended = once(child, "exit");
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  return { code, output, errors };
}
