/**
 * Sends drawn and mutated requests to a gateway, and judges its answers, its log and the messages that it forwards. A
 * request depends on its seed alone.
 */
import { Chance } from "../support/chance.ts";
import type { Gateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { bodyOf, bytesOf, type Draft, targetOf } from "./draft.ts";
import { erasedAccount, names } from "./erasures.ts";
import { drawCall, drawCallback } from "./grammar.ts";
import { duplicatesAmong, mustArrive } from "./identities.ts";
import { mutate } from "./mutations.ts";
import { judge } from "./oracle.ts";
import { connected, type Wire, type WireAnswer } from "./wire.ts";
import { openWorld } from "./world.ts";

/** Connections that are kept, each with a request at a time. */
const connections = 8;

/** The destinations of the gateway, and how often what waits for them is sent before it counts as lost. */
const destinations = ["raw", "signed", "echo"];
const arrivesWithinMs = 15_000;
const retries = 4;

/** A refused body up to this size does not cost its connection. Bytes. */
const mostDiscarded = 16 * 1024;

export interface Sums {
  requests: number;
  byRuntime: number;
  callbacks: number;
  accepted: number;
  duplicates: number;
  forwarded: number;
  refused: number;
  calls: number;
  answered2xx: number;
  /** Callbacks that were answered 503, and may be kept all the same. */
  late: number;
  reconnected: number;
  /** Requests with large bodies that were not read. */
  cutOff: number;
  slowestMs: number;
}

export interface Campaign {
  gateway: Gateway;
  sums: Sums;
  /** Each with the seed that repeats it. */
  problems: string[];
  /** @param onPart is called after each part of the requests */
  run(from: number, requests: number, onPart?: () => void): Promise<void>;
  close(): Promise<void>;
}

export async function openCampaign(): Promise<Campaign> {
  const problems: string[] = [];
  const sums: Sums = {
    requests: 0,
    byRuntime: 0,
    callbacks: 0,
    accepted: 0,
    duplicates: 0,
    forwarded: 0,
    refused: 0,
    calls: 0,
    answered2xx: 0,
    late: 0,
    reconnected: 0,
    cutOff: 0,
    slowestMs: 0,
  };
  const report = (problem: string) => {
    if (problems.length < 200) problems.push(problem);
  };
  /** By the seed of a callback: the accepted requests, and the forwarded bodies. */
  const accepted = new Map<string, Draft>();
  const forwarded = new Map<string, Buffer>();
  const refused = new Set<string>();
  const erased = new Set<string>();
  const identities = new Map<string, string>();

  const { gateway, known, leaks, close } = await openWorld(report, (seed, bytes) =>
    forwarded.set(seed, bytes),
  );

  const repeat = (seed: number) => `npm run fuzz -- --from ${seed} --requests 1`;

  /** @param before the request before it on the connection, and when that was answered */
  async function one(seed: number, wire: Wire, before: { seed: number; at: number }): Promise<void> {
    const chance = new Chance(seed);
    const drawn = chance.happens(0.6) ? drawCallback(seed, chance, known) : drawCall(chance, known);
    const { draft, operation } = drawn;
    mutate(draft, chance);
    const account = erasedAccount(operation, draft);
    if (account !== null) erased.add(account);
    const startedAt = performance.now();
    wire.send(bytesOf(draft));
    let answer: WireAnswer | null = null;
    let failure = "there is no answer";
    try {
      answer = await wire.answer(draft.method);
    } catch (error) {
      failure = String(error);
    }
    const ms = performance.now() - startedAt;
    const shown = `${draft.method} ${targetOf(draft).slice(0, 300)}\n  ${bodyOf(draft).toString().slice(0, 300)}`;
    if (answer === null && bodyOf(draft).length > mostDiscarded) {
      // A route that reads no body cuts a sender off that goes on sending one.
      sums.cutOff++;
      wire.close();
      return;
    }
    if (answer === null) {
      const idle = Math.round(startedAt - before.at);
      report(
        `${failure} after ${Math.round(ms)} ms; ${before.seed} was answered ${idle} ms before\n  ${shown}\n  ${repeat(seed)}`,
      );
      return;
    }
    // The runtime closes after a large body that was not read, and may not announce it.
    if (answer.status >= 400 && bodyOf(draft).length > mostDiscarded) wire.close();
    sums.slowestMs = Math.max(sums.slowestMs, Math.round(ms));
    sums.requests++;
    const { by, problems: found } = judge(draft, answer, known.callbackPath, leaks);
    for (const problem of found) report(`${answer.status}: ${problem}\n  ${shown}\n  ${repeat(seed)}`);
    if (by === "runtime") sums.byRuntime++;
    // The runtime closes after chunks that were not read, and does not announce it. A GET of the API reads none.
    if (by === "runtime" || (by === "api" && draft.framing === "chunks")) wire.close();
    if (by === "api") sums.calls++;
    if (by === "api" && answer.status < 300) sums.answered2xx++;
    if (by !== "callbacks" || draft.method !== "POST") return;
    sums.callbacks++;
    const tags = draft.query.filter(([name]) => name === "draft");
    if (tags.length !== 1 || tags[0]![1] !== String(seed)) return;
    if (answer.status === 503) sums.late++;
    else if (answer.status === 200) accepted.set(String(seed), draft);
    else refused.add(String(seed));
  }

  async function work(seeds: Iterator<number>): Promise<void> {
    let wire = await connected(gateway.url);
    let before = { seed: 0, at: performance.now() };
    for (let next = seeds.next(); !next.done; next = seeds.next()) {
      if (wire.closed) {
        wire.close();
        wire = await connected(gateway.url);
        sums.reconnected++;
      }
      await one(next.value, wire, before);
      before = { seed: next.value, at: wire.answeredAt };
      if (wire.unread.length > 0) {
        report(
          `bytes after an answer: ${wire.unread.toString("latin1").slice(0, 200)}\n  ${repeat(next.value)}`,
        );
        wire.close();
      }
    }
    wire.close();
  }

  let logRead = 0;
  function readLog(): void {
    const log = gateway.log();
    const fresh = log.slice(logRead);
    logRead = log.lastIndexOf("\n") + 1;
    for (const leak of leaks(fresh)) report(`the log holds ${leak}`);
    const odd =
      /Uncaught|error: |^\{[^{]*"at":"(?:request failed|callback failed|lost|health|stop)"|^\s+at \S.*:\d+|(?!\n)[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/mu.exec(
        fresh,
      );
    if (odd)
      report(`the log says ${JSON.stringify(fresh.slice(Math.max(0, odd.index - 100), odd.index + 500))}`);
  }

  /** After a part of the requests, everything must have arrived that was accepted, and nothing else. */
  async function settle(): Promise<void> {
    // Requests may have paused it, or switched it on again.
    for (const name of destinations) await gateway.resume(name);
    const isErased = (draft: Draft) => [...erased].some((account) => names(draft, account));
    const missing = () =>
      [...accepted].filter(([seed, draft]) => !forwarded.has(seed) && mustArrive(draft) && !isErased(draft));
    const duplicates = duplicatesAmong(accepted, identities);
    const lost = () => missing().filter(([seed]) => !duplicates.has(seed));
    const arrived = () =>
      until("everything has arrived", () => lost().length === 0, arrivesWithinMs).catch(() => {});
    await arrived();
    // On a busy machine an attempt may take too long, and the second retry waits for minutes.
    for (let times = 0; lost().length > 0 && times < retries; times++) {
      for (const name of destinations) await gateway.post(`/api/destinations/${name}/retry`, {}, 202);
      await arrived();
    }
    sums.duplicates += missing().length - lost().length;
    for (const [seed, draft] of lost())
      report(
        `an event was accepted, and not forwarded\n  ${bodyOf(draft).toString().slice(0, 500)}\n  ${repeat(Number(seed))}`,
      );
    for (const [seed, bytes] of forwarded) {
      const draft = accepted.get(seed);
      if (draft && !bytes.equals(bodyOf(draft)))
        report(`an event was forwarded with other bytes\n  ${repeat(Number(seed))}`);
      if (refused.has(seed)) report(`an event was refused, and forwarded\n  ${repeat(Number(seed))}`);
    }
    sums.accepted += accepted.size;
    sums.refused += refused.size;
    sums.forwarded += forwarded.size;
    accepted.clear();
    forwarded.clear();
    refused.clear();
    erased.clear();
    readLog();
    for (const leak of leaks(JSON.stringify(await gateway.health()))) report(`/health holds ${leak}`);
    for (const leak of leaks(await gateway.metrics())) report(`/metrics holds ${leak}`);
  }

  return {
    gateway,
    sums,
    problems,
    async run(from, requests, onPart = () => {}) {
      const part = 2_000;
      for (let at = from; at < from + requests; at += part) {
        const seeds = Array.from(
          { length: Math.min(part, from + requests - at) },
          (_, index) => at + index,
        ).values();
        await Promise.all(Array.from({ length: connections }, () => work(seeds)));
        await settle();
        onPart();
      }
    },
    close,
  };
}
