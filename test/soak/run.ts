/** One soak: starts all parts, sends, inflicts faults, lets everything drain, and checks the books. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../../src/cli/root.ts";
import { judgeAnswers, judgeReads } from "./answers.ts";
import { type Balance, balance, listed, Problems } from "./books.ts";
import { Callbacks, type Plan } from "./callbacks.ts";
import { drain } from "./drain.ts";
import { drawFaults, type Fault, floodSize } from "./faults.ts";
import { gatewayOn } from "./gateway.ts";
import { Inflictor } from "./inflict.ts";
import { startMeter } from "./meter.ts";
import { startPart } from "./processes.ts";
import { startReader } from "./reader.ts";
import type { ReceiverAnswers, ReceiverSums } from "./receivers.ts";
import { rulesOf } from "./rules.ts";
import type { SenderAnswers, SenderSums } from "./sender.ts";
import { type Course, type Mark, type Memory, memoryOf, round } from "./series.ts";
import { watchStarvation } from "./starvation.ts";

export interface Options {
  seed: number;
  seconds: number;
  perSecond: number;
  /** Seconds between two points of the course. */
  interval: number;
}

export interface Sums {
  sender: SenderSums;
  receivers: ReceiverSums;
  memory: Memory;
  /** Seconds of processor time of the runtime. */
  cpu: number;
  reads: number;
  /** The slowest request of the API, milliseconds. */
  slowestRead: { path: string; ms: number };
  faults: number;
  restarts: number;
  drainSeconds: number;
  /** Verdicts that were the rule's `otherwise` although the backend was well. */
  calmSpare: number;
  /** Verdicts that came late, because the runtime waited for a processor. */
  starvedLate: number;
}

export interface Report extends Course {
  options: Options;
  balance: Balance;
  sums: Sums;
  problems: string[];
  /** The folder with log and storage; null where there is no problem. */
  evidence: string | null;
}

/** From the start of all parts to the first callback. Milliseconds. */
const beginInMs = 200;

/** The waiting events may take so long, and twice the time of the run: a busy machine lags behind. Seconds. */
const drainWithin = 240;

/** @param say prints a line */
export async function soak(options: Options, say: (line: string) => void): Promise<Report> {
  mkdirSync(join(root, "dist"), { recursive: true });
  const dir = mkdtempSync(join(root, "dist", "soak-"));
  const sender = startPart<SenderAnswers>("sender.ts");
  const receivers = startPart<ReceiverAnswers>("receivers.ts");
  const gateway = gatewayOn(join(dir, "data"), (url) => sender.ask("redirect", url));
  let startedAt = Date.now();
  const elapsed = () => (Date.now() - startedAt) / 1_000;
  const log = (line: string) =>
    appendFileSync(join(dir, "soak.log"), `${new Date().toISOString()} ${elapsed().toFixed(1)} s  ${line}\n`);
  const problems = new Problems();
  const ending = new AbortController();
  log(JSON.stringify(options));
  try {
    const urls = await receivers.ask("listen", null);
    await gateway.start(rulesOf(urls));
    const faults = drawFaults(options.seed, options.seconds);
    const floods = faults.filter(({ kind }) => kind === "flood").length * floodSize;
    startedAt = Date.now() + beginInMs;
    const plan: Plan = { ...options, floods, startedAt };
    await receivers.ask("begin", plan);
    await sender.ask("begin", plan);
    const starvation = watchStarvation(gateway, ending.signal);
    const reader = startReader(gateway, ending.signal);
    const { interval } = options;
    const meter = startMeter({
      gateway,
      sender,
      receivers,
      reader,
      interval,
      elapsed,
      say,
      ending: ending.signal,
    });

    const marks: Mark[] = [];
    const inflictor = new Inflictor({ gateway, sender, receivers, urls, log });
    const inflict = async (fault: Fault) => {
      await sleep(Math.max(0, (fault.at - elapsed()) * 1_000));
      const mark = { kind: fault.kind, on: inflictor.subject(fault), from: elapsed(), until: elapsed() };
      log(`${mark.kind} ${mark.on}`);
      await inflictor.inflict(fault);
      mark.until = elapsed();
      log(`${mark.kind} ${mark.on} is over`);
      marks.push(mark);
    };
    const [sent] = await Promise.all([sender.ask("end", null), ...faults.map(inflict)]);
    const drainedFrom = elapsed();
    log("all callbacks are sent, all faults are over");
    await receivers.ask("heal", null);
    const drained = await drain(gateway, drainWithin + 2 * options.seconds, problems);
    const drainSeconds = round(elapsed() - drainedFrom);
    log("drained");
    ending.abort();
    const points = await meter.last();
    await reader.ended;
    const callbacks = new Callbacks(plan);
    const inApi = await listed(gateway, callbacks);
    await gateway.stop();
    const received = await receivers.ask("end", null);

    const failing = marks.filter(({ on }) => on === "moderation");
    const spans = failing.map(({ from, until }) => ({
      from: startedAt + from * 1_000,
      until: startedAt + until * 1_000,
    }));
    const excused = judgeAnswers(sent.findings, gateway.downs, spans, starvation, problems);
    judgeReads(reader.failures, gateway.downs, problems);
    const { acknowledged } = sent;
    writeFileSync(join(dir, "answers.json"), JSON.stringify([gateway.downs, spans, sent.findings]));
    const balanced = balance(
      { callbacks, dataDir: gateway.dataDir, acknowledged, listed: inApi, received, drained },
      problems,
    );
    const lines = problems.lines();
    for (const line of lines) log(line);
    const report: Report = {
      options,
      points,
      marks: marks.sort((a, b) => a.from - b.from),
      balance: balanced,
      sums: {
        sender: sent.sums,
        receivers: received.sums,
        memory: memoryOf({ points, marks }),
        cpu: round(gateway.cpu()),
        reads: reader.reads,
        slowestRead: reader.slowest,
        faults: faults.length,
        restarts: gateway.downs.length - 1,
        drainSeconds,
        ...excused,
      },
      problems: lines,
      evidence: lines.length === 0 ? null : dir,
    };
    if (report.evidence === null) rmSync(dir, { recursive: true, maxRetries: 5 });
    return report;
  } catch (error) {
    log(error instanceof Error ? String(error.stack) : String(error));
    throw new Error(`the soak broke off, see ${dir}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  } finally {
    ending.abort();
    await Promise.all([gateway.end(), sender.end(), receivers.end()]);
    writeEvidence(dir, gateway.log());
  }
}

function writeEvidence(dir: string, log: string): void {
  try {
    writeFileSync(join(dir, "serve.log"), log);
  } catch {
    // Without a problem the folder is gone.
  }
}
