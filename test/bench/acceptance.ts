/** How many events are accepted at saturation, and how fast they are answered: several servers in paired rounds. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Outcome } from "./load.ts";
import type { Turns } from "./plans.ts";
import type { Server } from "./processes.ts";
import { inTurns, type Sample, sampleOf } from "./sample.ts";
import type { Bench, Gateway } from "./servers.ts";

/** The callback of a short text message is this large. Bytes. */
export const usualSize = 300;

/** A run in which most was not accepted counts nothing: the machine had other work. */
const mostTries = 3;

/** Something that accepts events, and under what load. */
export interface Subject {
  name: string;
  server: Server;
  connections: number;
  size: number;
  /** Resolves when the run before has no work left. */
  settled(): Promise<void>;
}

export interface Accepting {
  name: string;
  perSecond: Sample;
  /** Median time to the answer, milliseconds. */
  answerMs: Sample;
  /** Rows written per event; null for what is no gateway. */
  rows: Sample | null;
}

export async function compare(
  subjects: readonly Subject[],
  { sender, say, plan }: Bench,
  { seconds, warmSeconds, rounds }: Turns,
): Promise<Accepting[]> {
  const run = async (
    { server, connections, size, settled }: Subject,
    seconds: number,
    mayFail = false,
  ): Promise<Outcome> => {
    const load = {
      mode: "closed",
      url: server.url,
      kind: "AfterSendMsg",
      connections,
      size,
      seconds,
    } as const;
    for (let tried = 1; ; tried++) {
      const outcome = await sender.send(load, mayFail || tried < mostTries);
      await settled();
      if (mayFail || outcome.accepted > outcome.failed) return outcome;
      say("  most callbacks were not accepted: once more");
    }
  };
  if (warmSeconds > 0) for (const subject of subjects) await run(subject, warmSeconds, true);
  const before = new Map<Subject, { rowsWritten: number; received: number }>();
  for (const subject of subjects)
    if (isGateway(subject.server)) before.set(subject, await subject.server.billed());
  const runs = await inTurns(subjects, rounds, async (subject) => {
    const outcome = await run(subject, seconds);
    const { perSecond, p50, failed } = outcome;
    const failures = failed > 0 ? `, ${failed} NOT accepted` : "";
    say(`  ${subject.name}: ${Math.round(perSecond)} events/s, answer ${p50?.toFixed(2)} ms${failures}`);
    return outcome;
  });
  await sleep(plan.newsMs);
  return Promise.all(
    [...runs].map(async ([subject, outcomes]) => ({
      name: subject.name,
      perSecond: sampleOf(outcomes.map(({ perSecond }) => perSecond)),
      answerMs: sampleOf(outcomes.map(({ p50 }) => p50 ?? Number.NaN)),
      rows: isGateway(subject.server)
        ? sampleOf([await rowsSince(subject.server, before.get(subject)!)])
        : null,
    })),
  );
}

async function rowsSince(
  gateway: Gateway,
  before: { rowsWritten: number; received: number },
): Promise<number> {
  const after = await gateway.billed();
  return (after.rowsWritten - before.rowsWritten) / (after.received - before.received);
}

function isGateway(server: Server): server is Gateway {
  return "drained" in server;
}

export function gatewaySubject(name: string, server: Gateway, load: Partial<Subject> = {}): Subject {
  return { name, server, connections: 64, size: usualSize, settled: server.drained, ...load };
}

export const acceptingHead = ["", "events/s", "spread", "answer, median", "rows/event"];

/** A row of a table with that head. */
export function acceptingRow({ name, perSecond, answerMs, rows }: Accepting): string[] {
  const whole = (value: number) => Math.round(value).toLocaleString("en");
  return [
    name,
    whole(perSecond.median),
    `${whole(perSecond.least)} to ${whole(perSecond.most)}`,
    `${answerMs.median.toFixed(2)} ms`,
    rows === null ? "" : rows.median.toFixed(3),
  ];
}
