/**
 * Sends the callbacks of a plan, each at its own time whether earlier ones were answered or not, as Tencent does. It is
 * a process of its own. Times to an answer count from the time that the callback was due.
 */
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Callback, Callbacks, type Plan, queryOf, signatureAt } from "./callbacks.ts";
import { patienceMs } from "./patience.ts";
import { answer, usage } from "./processes.ts";

/** A later answer is still read, so that it can be told from none. Milliseconds. */
const giveUpMs = 6_000;

/** Between two bodies of a flood. Milliseconds. */
const floodGapMs = 50;

/** A bound on the list of answers that were not as expected; each is about 100 bytes. */
const mostFindings = 50_000;

/** An answer that is not as expected, or none. Whether that is a fault depends on the gateway being up then. */
export interface Finding {
  number: number;
  /** Unix milliseconds. */
  sentAt: number;
  endedAt: number;
  /** Milliseconds between, less those in which the sender itself stood still. */
  ms: number;
  problem: string;
}

/** Sums since the start. */
export interface SenderSums {
  sent: number;
  /** Answers that promise that the event is kept. */
  acknowledged: number;
  /** After-callbacks that could not be kept, or whose body did not arrive, in time. Their senders know it. */
  unavailable: number;
  unanswered: number;
  verdicts: number;
  /** Verdicts that were the rule's `otherwise`. */
  spare: number;
  /** Probes and refused callbacks, answered as expected. */
  others: number;
  /** Of this process: bytes of its heap, and seconds of processor time. */
  heap: number;
  cpu: number;
}

export interface SenderInterval {
  sums: SenderSums;
  /** Milliseconds from the due time to the answer, of the callbacks answered since the last call. */
  waits: number[];
}

export interface Sent {
  sums: SenderSums;
  /** By number: 1 if an answer has promised that the event is kept. */
  acknowledged: Uint8Array;
  findings: Finding[];
}

const sums: SenderSums = {
  sent: 0,
  acknowledged: 0,
  unavailable: 0,
  unanswered: 0,
  verdicts: 0,
  spare: 0,
  others: 0,
  heap: 0,
  cpu: 0,
};

const agent = new Agent({ keepAlive: true });
/** The runtime closes a connection whose body it has not read to the end: such a callback has one of its own. */
const ownConnection = new Agent();
const now = () => performance.timeOrigin + performance.now();
let url = "";
let waits: number[] = [];
const findings: Finding[] = [];
let acknowledged = new Uint8Array();
let nextFlood = 0;
let sending: Promise<void> = Promise.resolve();
const underway = new Set<Promise<void>>();

/** Time that this process itself has stood still, on a busy machine. No answer is late by that. */
let stalledMs = 0;
let tick = performance.now();
setInterval(() => {
  const gap = performance.now() - tick - 20;
  if (gap > 50) stalledMs += gap;
  tick += gap + 20;
}, 20).unref();

async function sendAll(callbacks: Callbacks): Promise<void> {
  for (let number = 0; number < callbacks.planned; number++) {
    const wait = callbacks.dueAt(number) - now();
    if (wait > 0) await sleep(wait);
    send(callbacks.at(number), callbacks.dueAt(number));
  }
}

function send(callback: Callback, dueAt: number): void {
  const sent = exchange(callback, dueAt).finally(() => underway.delete(sent));
  underway.add(sent);
}

function exchange(callback: Callback, dueAt: number): Promise<void> {
  const sentAt = now();
  const stalledBefore = stalledMs;
  sums.sent++;
  const signature = signatureAt(sentAt);
  const signed = callback.query?.sign
    ? signature.replace(/Sign=\w+/, `Sign=${callback.query.sign}`)
    : signature;
  const target = `${url}/?${queryOf(callback)}&${signed}`;
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(callback.body) };
  return new Promise((resolve) => {
    const waited = () => now() - sentAt - (stalledMs - stalledBefore);
    const end = (problem: string | null) => {
      if (problem !== null && findings.length < mostFindings)
        findings.push({ number: callback.number, sentAt, endedAt: now(), ms: waited(), problem });
      resolve();
    };
    const post = request(
      target,
      { method: "POST", agent: callback.status === 413 ? ownConnection : agent, headers, timeout: giveUpMs },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => {
          waits.push(now() - dueAt);
          const isLate = callback.kind === "decided" && waited() > patienceMs;
          end(isLate ? "late" : judge(callback, response.statusCode!, text));
        });
        response.on("error", () => end("the answer broke off"));
      },
    );
    post.on("timeout", () => post.destroy(new Error(`no answer within ${giveUpMs} ms`)));
    post.on("error", (error: NodeJS.ErrnoException) => {
      sums.unanswered++;
      // A caller that is refused while it still sends may be cut off.
      end(callback.kind === "refused" ? null : `unanswered: ${error.code ?? error.message}`);
    });
    post.end(callback.body);
  });
}

/** The problem with an answer; null if it is as expected. Notes an answer that promises something. */
function judge(callback: Callback, status: number, text: string): string | null {
  const { kind, number } = callback;
  const isDurable = kind === "kept" || kind === "quarantined";
  if (isDurable && (status === 503 || (status === 400 && text.includes("did not arrive in time")))) {
    sums.unavailable++;
    return null;
  }
  if (status !== callback.status) return `answered ${status}: ${text.slice(0, 200)}`;
  if (isDurable) {
    sums.acknowledged++;
    acknowledged[number] = 1;
  } else if (kind !== "decided") sums.others++;
  const expected = kind === "quarantined" || kind === "refused" ? "FAIL" : "OK";
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(text);
  } catch {
    return `no JSON: ${text.slice(0, 200)}`;
  }
  if (parsed.ActionStatus !== expected) return `no ${expected}: ${text.slice(0, 200)}`;
  if (!callback.judge) return null;
  sums.verdicts++;
  const found = callback.judge(parsed);
  if (found === "spare") sums.spare++;
  return found === "right" ? null : `${found} verdict: ${text.slice(0, 200)}`;
}

function measured(): SenderSums {
  return { ...sums, ...usage() };
}

let callbacks: Callbacks;

const answers = {
  begin(plan: Plan): void {
    callbacks = new Callbacks(plan);
    acknowledged = new Uint8Array(callbacks.size);
    nextFlood = callbacks.planned;
    sending = sendAll(callbacks);
  },
  /** Where the gateway is now. */
  redirect(to: string): void {
    url = to;
  },
  /** Sends so many large bodies within a second or two, as far as the plan has some left. */
  async flood(count: number): Promise<void> {
    const until = Math.min(nextFlood + count, callbacks.size);
    while (nextFlood < until) {
      send(callbacks.at(nextFlood++), now());
      await sleep(floodGapMs);
    }
  },
  interval(_: null): SenderInterval {
    const found = {
      sums: { ...sums, heap: process.memoryUsage().heapUsed },
      waits,
    };
    waits = [];
    return found;
  },
  /** Resolves when all callbacks of the plan were sent and have ended. */
  async end(_: null): Promise<Sent> {
    await sending;
    while (underway.size > 0) await Promise.all(underway);
    return { sums: measured(), acknowledged, findings };
  },
};
export type SenderAnswers = typeof answers;
answer(answers);
