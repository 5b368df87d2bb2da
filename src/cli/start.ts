/** `npm start`: the gateway in wrangler's development server, a receiver to see it work, and first steps. */
import { once } from "node:events";
import { constants, copyFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Config, readConfig } from "../config.ts";
import { localRun } from "../settings.ts";
import { isErrno } from "./errno.ts";
import { freePort, readPort } from "./port.ts";
import { end } from "./processes.ts";
import { onStop, program } from "./program.ts";
import { startReceiver } from "./receiver.ts";
import { root } from "./root.ts";
import { readDevVars, type Settings } from "./settings.ts";
import { wrangler } from "./wrangler.ts";

const help = `Usage: npm start

Runs the gateway on http://localhost:8787 (PORT) for trying it out and for development: sources are watched, events
are kept in .wrangler. Settings come from .dev.vars, which is made from .dev.vars.example if it is missing.
If a rule forwards to this machine, a receiver is started there that verifies and prints the deliveries.`;

/** A line of the gateway's own log. Wrangler prints more beside it: each request, each rebuild. */
const ofGateway = /^\d{4}-\d\d-\d\dT|^\{/;

/** The time that wrangler has to stop before it is killed, milliseconds. */
const stopWithinMs = 5_000;

program(async () => {
  const { values } = parseArgs({ options: { help: { type: "boolean", short: "h" } } });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const { stopping } = onStop();
  makeDevVars();
  const settings: Settings = { ...readDevVars(join(root, ".dev.vars")), [localRun]: "true" };
  const config = readConfig(settings);
  for (const problem of config.problems) console.warn(`warning: ${problem}`);

  const port = await freePort("localhost", readPort(process.env.PORT || settings.PORT || "8787"));
  const receiverUrl = await receiveLocally(config);

  const quietly = ["--show-interactive-dev-session=false", "--log-level=log"];
  const unlessSet = Object.entries({ LOG_FORMAT: "text", LOG_SAMPLE: "1" }).filter(
    ([name]) => !settings[name],
  );
  const vars = [[localRun, "true"], ...unlessSet].map(([name, value]) => `--var=${name}:${value}`);
  const gateway = wrangler(["dev", `--port=${port}`, ...vars, ...quietly], {
    output: "pipe",
    errors: "inherit",
  });
  createInterface(gateway.stdout!).on("line", (line) => {
    if (ofGateway.test(line)) console.log(line);
  });
  process.on("exit", () => end(gateway, "SIGKILL"));
  const stop = () => {
    end(gateway, "SIGTERM");
    setTimeout(() => end(gateway, "SIGKILL"), stopWithinMs);
  };
  if (stopping.aborted) stop();
  else stopping.addEventListener("abort", stop);

  const url = `http://localhost:${port}`;
  answering(url).then(() => console.log(firstSteps(url, tokenFor(settings), receiverUrl)));
  const [code, signal] = await once(gateway, "exit");
  if (stopping.aborted) return 0;
  throw new Error(`wrangler ended by itself (${signal ?? `exit code ${code}`}), hence so does the gateway`);
});

function makeDevVars(): void {
  try {
    copyFileSync(join(root, ".dev.vars.example"), join(root, ".dev.vars"), constants.COPYFILE_EXCL);
    console.log("made .dev.vars from .dev.vars.example: settings of local runs go there");
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
}

/**
 * Starts a receiver for the first rule that forwards to this machine.
 * @returns its URL; null if there is no such rule, or another program uses the port
 */
async function receiveLocally({ rules: { rules } }: Config): Promise<string | null> {
  const local = rules.flatMap((rule) => {
    const url = rule.kind === "forward" && rule.enabled ? new URL(rule.url) : null;
    return url?.protocol === "http:" && ["localhost", "127.0.0.1"].includes(url.hostname)
      ? [{ rule, url }]
      : [];
  });
  const [first] = local;
  if (!first) return null;
  const secrets = local
    .filter(({ url }) => url.port === first.url.port)
    .flatMap(({ rule }) => (rule.kind === "forward" ? rule.secrets : []));
  const port = Number(first.url.port || 80);
  try {
    await startReceiver({ port, secrets, print: (line) => console.log(line) });
    return first.url.href;
  } catch (error) {
    if (!isErrno(error, "EADDRINUSE", "EACCES")) throw error;
    console.warn(
      `port ${port} is in use by another program: that one gets the events of rule "${first.rule.name}", and no example receiver is started`,
    );
    return null;
  }
}

/** Resolves when the URL answers, with any status. */
async function answering(url: string): Promise<void> {
  for (;;) {
    try {
      await (await fetch(`${url}/health`)).text();
      return;
    } catch {
      await sleep(100);
    }
  }
}

/** The token for a command that is shown: the sample itself, but `$ADMIN_TOKEN` for a real token. Null without a token. */
function tokenFor({ ADMIN_TOKEN: token }: Settings): string | null {
  if (!token) return null;
  return token === readDevVars(join(root, ".dev.vars.example")).ADMIN_TOKEN ? token : "$ADMIN_TOKEN";
}

function firstSteps(url: string, adminToken: string | null, receiverUrl: string | null): string {
  const to = url === "http://localhost:8787" ? "" : ` --url ${url}`;
  const steps = [
    `The gateway is on ${url}. In a second terminal, send a callback as Tencent does:\n`,
    `  npm run send -- Group.CallbackAfterRecallMsg${to}\n`,
    receiverUrl === null
      ? "No example receiver runs: no rule of .dev.vars forwards to a free port of this machine."
      : `It is forwarded to ${receiverUrl}, whose receiver verifies and prints it below.`,
    adminToken === null
      ? "With an ADMIN_TOKEN in .dev.vars, /api/events shows what was kept."
      : `What was kept:\n\n  curl -H "Authorization: Bearer ${adminToken}" ${url}/api/events\n`,
    "Ctrl-C stops everything.",
  ];
  return `\n${steps.join("\n")}\n`;
}
