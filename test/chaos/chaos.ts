/** `npm run chaos`: measures how far a destination that misbehaves delays one that is well. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bundle } from "../../src/cli/bundle.ts";
import { stopAll } from "../bench/processes.ts";
import { startWorker } from "../bench/servers.ts";
import { sendCallback } from "../support/callbacks.ts";
import { Chance } from "../support/chance.ts";
import { adminToken } from "../support/client.ts";
import { readOptions } from "../support/options.ts";
import { usualSettings } from "../support/settings.ts";
import { until } from "../support/until.ts";
import type { Delays } from "./healthy.ts";
import { playable } from "./stage.ts";

const help = `Usage: npm run chaos [-- options]

Measures how far a destination that misbehaves delays one that is well. Turns are paired: undisturbed, then with every
event also for a misbehaving destination.

  --only REGEXP  the misbehaviours whose name fits; otherwise one or two of each kind
  --all          every misbehaviour
  --seconds N    the length of a turn (20)
  --rate N       events a second (50)
  --margin N     milliseconds by which a p99 may exceed twice the undisturbed one (25)
  --seed N       decides the times of the events (1)

Exits with 1 if a p99 exceeds that.`;

const options = readOptions(help, { only: "", all: false, seconds: 20, rate: 50, margin: 25, seed: 1 });
const { seconds, rate, margin } = options;
const chance = new Chance(options.seed);

/** One or two of each kind. */
const usual =
  /^(reset-(at-accept|instead-of-answer|in-body-of-500)|never-accepted|accepted-and-not-read|hang-(instead-of-answer|in-headers|in-body-of-500)|drip-(headers|body-of-500)|413-before.*|dies-when-reused|refused|header-of-10-mb|headers-without-end|ssh-banner|interim-1000.*|gigabyte-(chunked-200|length-500)|(gzip|br)-bomb-[25]00|chunk-extension.*|redirect-307-itself|retry-after-429-zero|challenge-401|echo)$/;

/** Of a post to one that misbehaves. */
const timeoutMs = 1_000;

/** These at once make a turn of their own. */
const several = ["hang-instead-of-answer", "reset-instead-of-answer", "gigabyte-length-500", "br-bomb-500"];

const only = options.only === "" ? usual : new RegExp(options.only);
const names = playable.map(({ name }) => name).filter((name) => options.all || only.test(name));

const children: ChildProcess[] = [];
function start(file: string, args: readonly string[] = []): ChildProcess {
  const child = fork(join(import.meta.dirname, file), args, {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  children.push(child);
  return child;
}

async function measure(): Promise<boolean> {
  const healthy = start("healthy.ts");
  const [{ url: healthyUrl }] = (await once(healthy, "message")) as [{ url: string }];
  const [urls] = (await once(start("crowd.ts", [...new Set([...names, ...several])]), "message")) as [
    Record<string, string>,
  ];
  const rules = Object.entries(urls).map(([name, url]) => ({
    name,
    url,
    match: {
      platform: [{ prefix: `${name}/` }, ...(several.includes(name) ? [{ prefix: "several/" }] : [])],
    },
    retry: [],
    timeoutMs,
    concurrency: 50,
  }));
  const gateway = await startWorker(await bundle(AbortSignal.timeout(120_000)), {
    ...usualSettings,
    FORWARD_RULES: JSON.stringify([...rules, { name: "healthy", url: `${healthyUrl}/`, concurrency: 50 }]),
  });
  const url = gateway.url.replace(/\/$/, "");

  const delaysOf = async (label: string): Promise<Delays> => {
    healthy.send(label);
    return ((await once(healthy, "message")) as [Delays])[0];
  };
  let turns = 0;
  const turn = async (name: string): Promise<Turn> => {
    const label = `${name}/${++turns}`;
    const { sent, refused } = await pour(url, label);
    return until(
      `all events of ${label} have arrived`,
      async () => {
        const delays = await delaysOf(label);
        return delays.events >= sent - refused && { ...delays, refused };
      },
      60_000,
    );
  };
  /** What is left of a turn would disturb the next one: with few posts at a time, it takes minutes to fail. */
  const steer = async (disturbing: readonly string[], action: "pause" | "resume") => {
    const headers = { authorization: `Bearer ${adminToken}` };
    for (const name of disturbing)
      await fetch(`${url}/api/destinations/${name}/${action}`, { method: "POST", headers });
    if (action === "pause") await sleep(timeoutMs);
  };

  await turn("warm-up");
  console.log(`${"misbehaviour".padEnd(34)}     p50     p99     undisturbed p99   ratio`);
  let failures = 0;
  for (const name of [...names, "several"]) {
    const disturbing = name === "several" ? several : [name];
    const pairs: Pair[] = [];
    // Other work of the machine may delay any turn: two more pairs decide.
    do {
      const quiet = await turn("undisturbed");
      await steer(disturbing, "resume");
      pairs.push({ quiet, disturbed: await turn(name) });
      await steer(disturbing, "pause");
    } while (isSlow(pairs[0]!) && pairs.length < 3);
    const middle = pairs.sort((a, b) => excessOf(a) - excessOf(b))[Math.floor(pairs.length / 2)]!;
    if (isSlow(middle)) failures++;
    console.log(line(name, middle));
  }
  console.log(
    `${names.length + 1} pairs of turns of ${seconds} s at ${rate} events/s: ${failures} beyond 2 × and ${margin} ms`,
  );
  return failures === 0;
}

/** `refused`: events that were not answered 200. */
type Turn = Delays & { refused: number };

interface Pair {
  quiet: Turn;
  disturbed: Turn;
}

/** By how much the disturbed p99 exceeds twice the undisturbed one, milliseconds. */
function excessOf({ quiet, disturbed }: Pair): number {
  return disturbed.p99! - 2 * quiet.p99!;
}

function isSlow(pair: Pair): boolean {
  return excessOf(pair) > margin || pair.disturbed.refused > pair.quiet.refused;
}

function line(name: string, pair: Pair): string {
  const { quiet, disturbed } = pair;
  const ratio = (disturbed.p99! / Math.max(1, quiet.p99!)).toFixed(2);
  const numbers = [ms(disturbed.p50), ms(disturbed.p99), ms(quiet.p99).padStart(19), ratio.padStart(7)];
  return `${name.padEnd(34)} ${numbers.join(" ")}${isSlow(pair) ? "  too slow" : ""}`;
}

/** Sends events at random times. Resolves when all are answered. */
async function pour(url: string, label: string): Promise<{ sent: number; refused: number }> {
  const sends: Promise<number>[] = [];
  const from = performance.now();
  for (let due = 0; due < seconds * 1_000; due += (-Math.log(1 - chance.next()) * 1_000) / rate) {
    const wait = from + due - performance.now();
    if (wait > 1) await sleep(wait);
    sends.push(sendCallback(url, { label, group: `@TGS#${label}-${sends.length}` }));
  }
  const statuses = await Promise.all(sends);
  return { sent: sends.length, refused: statuses.filter((status) => status !== 200).length };
}

function ms(value: number | null): string {
  return `${String(Math.round(value ?? 0)).padStart(4)} ms`;
}

try {
  process.exitCode = (await measure()) ? 0 : 1;
} finally {
  for (const child of children) child.kill("SIGKILL");
  await stopAll();
}
