/** `npm run send`: signed example callbacks, as Tencent sends them. */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { catalogue } from "../callback/catalogue.ts";
import type { Command } from "../callback/command.ts";
import { printable } from "../callback/text.ts";
import { readConfig } from "../config.ts";
import { localRun } from "../settings.ts";
import { assign, callbackUrl, freshExample, nearest, type Sender } from "./example.ts";
import { program } from "./program.ts";
import { readLocalSettings } from "./settings.ts";

const help = `Usage: npm run send -- COMMAND [options]

Sends the example of a command to the gateway, for example: npm run send -- Group.CallbackAfterRecallMsg

  --url URL           where to (http://localhost:PORT and CALLBACK_PATH)
  --app ID            SDKAppID (the first one of SDK_APP_ID)
  --token TOKEN       signs with it (the first one of CALLBACK_TOKEN); empty: unsigned
  --set PATH=VALUE    changes the body, for example MsgSeqList[0].MsgSeq=7; may be repeated
  --count N           how many (1)
  --concurrency N     how many at a time (1)
  --rate N            how many a second at most
  --all               every command instead of one
  --list              names the commands

Defaults in brackets come from the environment, then from .dev.vars, then from tim-relay.jsonc.
Ends with exit code 1 unless every answer is 200.`;

/** Longer than the 2 s after which Tencent gives up, so that the real time is shown. */
const timeoutMs = 10_000;

program(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h" },
      list: { type: "boolean" },
      all: { type: "boolean", default: false },
      url: { type: "string" },
      app: { type: "string" },
      token: { type: "string" },
      set: { type: "string", multiple: true, default: [] },
      count: { type: "string", default: "1" },
      concurrency: { type: "string", default: "1" },
      rate: { type: "string", default: "Infinity" },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (values.list) {
    for (const { name, phase, summary } of catalogue.values()) console.log(`${name} (${phase}): ${summary}`);
    return 0;
  }
  const commands =
    values.all && positionals.length === 0 ? [...catalogue.values()] : [commandOf(positionals)];

  const { values: settings } = readLocalSettings();
  // As in a local run, samples are accepted as tokens: the gateway itself may refuse them.
  const { callbackPath, receiving } = readConfig({ ...settings, [localRun]: "true" });
  const sender: Sender = {
    url: targetUrl(values.url ?? `http://localhost:${settings.PORT || 8787}`, callbackPath),
    app: values.app ?? receiving.apps[0] ?? "1400000000",
    token: (values.token ?? receiving.tokens[0]) || null,
  };
  const count = positive("count", values.count);
  const concurrency = positive("concurrency", values.concurrency);
  const rate = values.rate === "Infinity" ? Infinity : positive("rate", values.rate);

  let lastMs = 0;
  const sendOne = async (index: number) => {
    const command = commands[index % commands.length]!;
    lastMs = Math.max(Date.now(), lastMs + 1);
    const body = freshExample(command.example, lastMs);
    for (const assignment of values.set) assign(body, assignment);
    const answer = await send(callbackUrl(sender, command.name, Date.now()), JSON.stringify(body));
    if (values.all) console.log(`${command.name}: ${describe(answer)} (${answer.ms.toFixed(1)} ms)`);
    return answer;
  };
  const start = performance.now();
  const answers = await repeat(sendOne, count * commands.length, concurrency, rate);
  if (answers.length === 1) console.log(`${describe(answers[0]!)} (${answers[0]!.ms.toFixed(1)} ms)`);
  else console.log(summary(answers, performance.now() - start));
  return answers.every(({ status }) => status === 200) ? 0 : 1;
});

function commandOf([name, ...more]: readonly string[]): Command {
  if (name === undefined || more.length > 0)
    throw new Error("name one command; --list shows all, --all sends all, --help the options");
  const command = catalogue.get(name);
  if (command) return command;
  const near = nearest(name, catalogue.keys());
  const hint = near.length > 0 ? `did you mean ${near.join(" or ")}?` : "--list shows all";
  throw new Error(`there is no command ${name}: ${hint}`);
}

interface Answer {
  /** Null if there was no answer. */
  status: number | null;
  /** The body, or the reason why there was no answer. */
  text: string;
  ms: number;
}

async function send(url: string, body: string): Promise<Answer> {
  const start = performance.now();
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
  }).then(
    async (response) => ({ status: response.status, text: await response.text() }),
    (error: Error) => ({ status: null, text: reason(error) }),
  );
  return { ...answer, ms: performance.now() - start };
}

function reason(error: Error): string {
  if (error.name === "TimeoutError") return `no answer within ${timeoutMs / 1000} s`;
  const cause = error.cause instanceof Error ? error.cause : error;
  return "code" in cause && cause.code === "ECONNREFUSED"
    ? "no answer: nothing listens there; is the gateway running (npm start)?"
    : `no answer: ${cause.message}`;
}

/** Calls `act` `count` times, from 0 on: `concurrency` at a time, `rate` a second at most. */
async function repeat<T>(
  act: (index: number) => Promise<T>,
  count: number,
  concurrency: number,
  rate: number,
): Promise<T[]> {
  const start = performance.now();
  const results: T[] = [];
  let next = 0;
  const work = async () => {
    while (next < count) {
      const index = next++;
      const due = start + (index * 1000) / rate;
      if (due > performance.now()) await sleep(due - performance.now());
      results.push(await act(index));
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, work));
  return results;
}

function describe({ status, text }: Answer): string {
  return printable(status === null ? text : `${status} ${text}`);
}

/** The number of each distinct answer, and the latencies. */
function summary(answers: readonly Answer[], tookMs: number): string {
  const kinds = Map.groupBy(answers, describe);
  const ms = answers.map((answer) => answer.ms).sort((a, b) => a - b);
  const quantile = (share: number) => ms[Math.ceil(share * ms.length) - 1]!.toFixed(1);
  return [
    ...[...kinds].map(([kind, { length }]) => `${length} × ${kind}`),
    `${answers.length} in ${(tookMs / 1000).toFixed(2)} s, ${Math.round((answers.length * 1000) / tookMs)} a second; ` +
      `latency p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, max ${quantile(1)} ms`,
  ].join("\n");
}

/** The URL to send to. The callback path is added if the given URL has no path. */
function targetUrl(text: string, callbackPath: string): string {
  if (!URL.canParse(text))
    throw new Error(`--url: ${JSON.stringify(text)} is not a URL such as http://localhost:8787`);
  const url = new URL(text);
  if (url.pathname === "/") url.pathname = callbackPath;
  return url.href;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && (name === "rate" || Number.isInteger(value))))
    throw new Error(
      `--${name} must be a ${name === "rate" ? "" : "whole "}number above 0, not ${JSON.stringify(text)}`,
    );
  return value;
}
