/**
 * `npm run endure`: sends mixed requests to the production build for long, and shows that its memory stays flat.
 *
 * Memory is sampled twice a second. The run is divided into five windows; the first one warms up. The median of each
 * further window may be higher than the second one's by the tolerance. Single samples say little, because the runtime
 * collects garbage late. At the end of each window a collection shows the memory that is held. A shard remembers the
 * fingerprints of ten minutes, at 12 to 32 bytes each: a shorter run fills their memory only at its end.
 */
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../../src/cli/bundle.ts";
import { listeningPort, startWorkerd, workerdConfig } from "../../src/cli/workerd.ts";
import { quantile } from "../bench/sample.ts";
import { Chance } from "../support/chance.ts";
import { readOptions } from "../support/options.ts";
import { privateBytes, untold } from "../support/process-stats.ts";
import { usualSettings } from "../support/settings.ts";
import { type Backends, rulesFor, startBackends } from "./backends.ts";
import { collectGarbage } from "./collect-garbage.ts";
import type { Endured } from "./endured.ts";
import { rowsByTable } from "./rows.ts";
import { type Sent, Traffic } from "./traffic.ts";

const windows = 5;

/** Of the chart. */
const lines = 25;
const columns = 60;

/** No more may be held after a collection. Bytes. */
const mostBytes = 256 * 1024 * 1024;
const sampleEveryMs = 500;
const slowestAnswerMs = 30_000;

const help = `Usage: npm run endure [-- options]

Sends mixed requests to the gateway for long, and shows that its memory stays flat.

  --requests N     how many requests (500000)
  --connections N  how many at a time (32)
  --tolerance N    by which share the memory of a later window may be higher (0.1)
  --seed N         decides the requests (1)
  --json           ends with the result as one line of JSON

Exits with 1 if memory grows, or an answer is not the expected one.`;

const {
  requests,
  connections,
  tolerance,
  seed,
  json: endsWithJson,
} = readOptions(help, {
  requests: 500_000,
  connections: 32,
  tolerance: 0.1,
  seed: 1,
  json: false,
});
if (untold) {
  console.log(`nothing is measured: ${untold}`);
  process.exit();
}

interface Sample {
  answered: number;
  bytes: number;
}

const scratch = mkdtempSync(join(tmpdir(), "tim-relay-endure-"));
const dataDir = join(scratch, "data");
mkdirSync(dataDir);
const chance = new Chance(seed);
const backends = await startBackends(new Chance(seed + 1));
const workerd = await start(backends);
process.on("exit", () => {
  workerd.child.kill("SIGKILL");
  rmSync(scratch, { recursive: true, force: true });
});

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

const traffic = new Traffic(chance);
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const samples: Sample[] = [];
const answers = new Map<string, number>();
const faults = new Map<string, number>();
let begun = 0;
let drawn = 0;
let collected = Promise.resolve();
const held: number[] = [];
let answered = 0;
let busy = 0;
const startedAt = Date.now();
console.log(`${requests} requests on ${connections} connections, seed ${seed}; memory:`);
const sample = () => samples.push({ answered, bytes: privateBytes(workerd.pid) });
const sampling = setInterval(() => {
  sample();
  while (answered >= (drawn + 1) * (requests / lines)) draw();
  void measureHeld();
}, sampleEveryMs);
await Promise.race([Promise.all(Array.from({ length: connections }, sendOn)), workerd.early]);
clearInterval(sampling);
await measureHeld();
const seconds = (Date.now() - startedAt) / 1_000;
agent.destroy();
workerd.child.kill("SIGKILL");
await workerd.ended;
backends.close();
report();

async function start({ url }: Backends) {
  const build = await bundle(AbortSignal.timeout(120_000));
  const settings = {
    ...usualSettings,
    FORWARD_RULES: JSON.stringify(rulesFor(url)),
  };
  const configPath = join(scratch, "workerd.capnp");
  const address = "127.0.0.1:0";
  const service = { bundle: build, dataDir, address, settings: Object.keys(settings), allowPrivate: true };
  writeFileSync(configPath, workerdConfig(service));
  const child = startWorkerd(configPath, build, settings, {
    output: "pipe",
    flags: ["--inspector-addr=127.0.0.1:0"],
  });
  const log = { lines: 0, bytes: 0, last: "" };
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      log.bytes += chunk.byteLength;
      log.lines += chunk.toString().split("\n").length - 1;
      log.last = (log.last + chunk).slice(-20_000);
    });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const early = ended.then(() => Promise.reject(new Error("workerd ended by itself")));
  early.catch(() => {});
  const inspector = inspectorPort(child);
  const port = await Promise.race([listeningPort(child), early]);
  return { child, port, inspector: await inspector, pid: child.pid!, log, ended, early };
}

function inspectorPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.stdio[3]?.on("data", (chunk) => {
      const [, port] = /"listen-inspector"[^}]*"port":(\d+)/.exec(String(chunk)) ?? [];
      if (port !== undefined) resolve(Number(port));
    });
  });
}

/** Measures the memory that is left after a collection, at the end of each window. One collection at a time. */
function measureHeld(): Promise<void> {
  collected = collected.then(async () => {
    if (answered < (held.length + 1) * (requests / windows)) return;
    await collectGarbage(workerd.inspector);
    held.push(privateBytes(workerd.pid));
  });
  return collected;
}

async function sendOn(): Promise<void> {
  while (begun < requests) {
    begun++;
    const sent = traffic.next();
    const status = await send(sent);
    answered++;
    // A short run has lines and windows in which no sampling is due.
    if (answered % Math.ceil(requests / lines) === 0) sample();
    answers.set(sent.kind, (answers.get(sent.kind) ?? 0) + 1);
    // A request whose shard has not answered in time is answered 503: the machine may be busy.
    if (sent.statuses.includes(Number(status)) || status === 503) {
      if (status === 503) busy++;
      continue;
    }
    if (faults.size === 0)
      console.log(`${sent.kind} is answered ${status}; the log ends so:\n${workerd.log.last}`);
    const fault = `${sent.kind}: ${status}`;
    faults.set(fault, (faults.get(fault) ?? 0) + 1);
  }
}

/** Resolves with the status, or with the error. */
function send({ method, path, headers, body, kind }: Sent): Promise<number | string> {
  return new Promise((resolve) => {
    const options = { port: workerd.port, method, path, agent, timeout: slowestAnswerMs };
    const length = method === "POST" ? { "content-length": Buffer.byteLength(body) } : {};
    const sending = request({ ...options, headers: { ...headers, ...length } }, (answer) => {
      let text = "";
      answer.on("data", (chunk) => {
        if (kind === "list") text += chunk;
      });
      answer.on("end", () => {
        const [, id] = /"id":"(evt_\w+)"/.exec(text) ?? [];
        if (id !== undefined) traffic.eventId = id;
        resolve(answer.statusCode!);
      });
    });
    sending.on("timeout", () => sending.destroy(new Error("no answer")));
    sending.on("error", ({ message }) => resolve(message));
    sending.end(body);
  });
}

/** The median of the samples of a part of the run, bytes. */
function median(part: number, parts: number): number {
  const size = requests / parts;
  const taken = samples.filter(({ answered }) => Math.floor(answered / size) === part);
  return (
    quantile(
      taken.map(({ bytes }) => bytes),
      0.5,
    ) ?? 0
  );
}

/** Prints a line of the chart. */
function draw(): void {
  const bytes = median(drawn++, lines);
  const bar = "#".repeat(Math.round((columns * bytes) / (320 * 2 ** 20)));
  console.log(`  ${String(Math.round((drawn * requests) / lines)).padStart(8)}  ${inMb(bytes)}  ${bar}`);
}

function report(): void {
  const medians = Array.from({ length: windows }, (_, window) => median(window, windows));
  const most = Math.max(...samples.map(({ bytes }) => bytes));
  const [, settled = 0, ...later] = medians;
  console.log(`windows: ${medians.map(inMb).join(", ")}`);
  console.log(`held after a collection at their ends: ${held.map(inMb).join(", ")}`);
  console.log(`rows: ${JSON.stringify(rowsByTable(dataDir))}`);
  console.log(`answers: ${JSON.stringify(Object.fromEntries(answers))}`);
  console.log(`backends: ${JSON.stringify(Object.fromEntries(backends.requests))}`);
  console.log(`log: ${workerd.log.lines} lines, ${workerd.log.bytes} bytes; answered 503: ${busy}`);
  const grown = later.map((median) => median / settled - 1);
  const problems = [
    ...(grown.some((share) => share > tolerance) ? ["memory grows"] : []),
    ...(Math.max(...held) > mostBytes ? [`more than ${inMb(mostBytes)} are held`] : []),
    ...(busy > requests / 4 ? [`${busy} were answered 503`] : []),
    ...[...faults].map(([fault, times]) => `${fault}, ${times} times`),
  ];
  console.log(
    `${seconds.toFixed(0)} s; growth ${grown.map((share) => `${(share * 100).toFixed(1)} %`).join(", ")}; at most ${inMb(most)}; ${problems.join("; ") || "flat"}`,
  );
  process.exitCode = problems.length > 0 ? 1 : 0;
  const mb = (bytes: number) => bytes / 2 ** 20;
  const endured: Endured = {
    heldMb: mb(Math.max(...held)),
    mostMb: mb(most),
    growthPct: Math.max(...grown) * 100,
    problems,
  };
  if (endsWithJson) console.log(JSON.stringify(endured));
}

function inMb(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
