/** How many events are accepted, how fast they are answered, and what that depends on. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Outcome } from "./load.ts";
import type { Turns } from "./plans.ts";
import { prefill } from "./prefill.ts";
import { inTurns, type Sample, sampleOf } from "./sample.ts";
import { type Searching, searching } from "./searching.ts";
import {
  type Bench,
  destination,
  type Gateway,
  handWrittenServer,
  referenceWorker,
  type Server,
  startGateway,
  startViewers,
} from "./servers.ts";

/** The callback of a short text message is this large. Bytes. */
export const usualSize = 300;

/** Something that accepts events, and under what load. */
interface Subject {
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
  rows: number | null;
}

async function compare(
  subjects: readonly Subject[],
  { sender, plan, say }: Bench,
  { seconds, warmSeconds, rounds }: Turns = plan,
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
    const outcome = await sender.send(load, mayFail);
    await settled();
    return outcome;
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
  await sleep(newsMs);
  return Promise.all(
    [...runs].map(async ([subject, outcomes]) => ({
      name: subject.name,
      perSecond: sampleOf(outcomes.map(({ perSecond }) => perSecond)),
      answerMs: sampleOf(outcomes.map(({ p50 }) => p50 ?? Number.NaN)),
      rows: isGateway(subject.server) ? await rowsSince(subject.server, before.get(subject)!) : null,
    })),
  );
}

/** By then, progress without a segment to carry it has a row of its own. Milliseconds. */
export const newsMs = 1_200;

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

function gatewaySubject(name: string, server: Gateway, load: Partial<Subject> = {}): Subject {
  return { name, server, connections: 64, size: usualSize, settled: server.drained, ...load };
}

/** The product with one destination, the references, and the server written by hand, at each number of connections. */
export async function againstReferences(bench: Bench): Promise<Map<number, Accepting[]>> {
  const { product, backend, plan, say } = bench;
  const gateway = await startGateway(product, { rules: [destination("d0", backend)] });
  const references = [await referenceWorker("one-row", product), await referenceWorker("bare", product)];
  const byHand = await handWrittenServer(`${backend.url}events`);
  const quiet = async () => {
    while ((await backend.seen()).events > 0) await sleep(50);
  };
  const at = async (connections: number) => {
    say(`accepting at ${connections} connection${connections === 1 ? "" : "s"}`);
    const subjects: Subject[] = [
      gatewaySubject("tim-relay", gateway, { connections }),
      ...references.map((server, index) => ({
        name: ["one-row", "bare"][index]!,
        server,
        connections,
        size: usualSize,
        settled: async () => {},
      })),
      { name: "by hand", server: byHand, connections, size: usualSize, settled: quiet },
    ];
    // One after the other, what a sender waits for is the answer; the rest is for the chart.
    return compare(connections === 1 && !plan.profiles ? subjects.slice(0, 2) : subjects, bench);
  };
  const found = new Map<number, Accepting[]>();
  // The crowd comes first: after it everything is compiled.
  for (const connections of plan.profiles ? [64, 10, 1] : [64, 1])
    found.set(connections, await at(connections));
  await Promise.all([gateway, ...references, byHand].map((server) => server.stop()));
  return new Map([...found].sort(([one], [other]) => one - other));
}

/** Accepting at 64 connections with so many events kept, and searching the most of them. */
export async function withEventsKept(bench: Bench): Promise<{ accepting: Accepting[]; searched: Searching }> {
  const { product, backend, plan, say } = bench;
  const rules = [destination("d0", backend)];
  const subjects: Subject[] = [];
  for (const kept of plan.kept) {
    say(`keeping ${kept.toLocaleString("en")} events`);
    // Without a rule it makes its tables and notes nothing.
    const { dir, stop } = await startGateway(product, { rules: [] });
    await stop();
    prefill(dir, kept, usualSize, dayMs);
    const gateway = await startGateway(product, { rules, dir });
    subjects.push(gatewaySubject(`${kept.toLocaleString("en")} events kept`, gateway));
  }
  const searched = await searching(subjects.at(-1)!.server as Gateway, bench, usualSize);
  say("accepting with events kept");
  const accepting = await compare(subjects, bench, plan.growth);
  await Promise.all(subjects.map(({ server }) => server.stop()));
  return { accepting, searched };
}

/** Viewers of the tail that acknowledge; one more never reads. */
const viewers = 50;

/** Accepting at 64 connections while nothing, and while everything, is watched over the tail. */
export async function whileWatched(bench: Bench): Promise<Accepting[]> {
  const { product, backend, plan, say } = bench;
  const rules = [destination("d0", backend)];
  const [unwatched, watched] = [
    await startGateway(product, { rules }),
    await startGateway(product, { rules }),
  ];
  const audience = await startViewers(watched, viewers);
  say(`accepting while ${viewers + 1} viewers watch`);
  const subjects = [gatewaySubject("unwatched", unwatched), gatewaySubject("watched", watched)];
  const accepting = await compare(subjects, bench, plan.growth);
  // The runtime ends when its connections have ended.
  await audience.stop();
  await Promise.all([unwatched, watched].map((server) => server.stop()));
  return accepting;
}

const dayMs = 86_400_000;

/** Accepting at 64 connections, one thing varied at a time. */
export async function profiles(bench: Bench, turns: Turns): Promise<Map<string, Accepting[]>> {
  const { product, backend, say } = bench;
  const destinations = (count: number) =>
    Array.from({ length: count }, (_, index) => destination(`d${index}`, backend));
  const fitting = destination("d0", backend);
  const rules = (count: number) => [
    fitting,
    ...Array.from({ length: count - 1 }, (_, index) => ({
      ...destination(`r${index}`, backend),
      on: ["Group.CallbackAfterSendMsg", "C2C.CallbackAfterSendMsg"],
      match: {
        body: { GroupId: [{ prefix: `@TGS#OTHER${index}` }], From_Account: [{ "anything-but": "minh" }] },
      },
    })),
  ];
  const oneRow = await referenceWorker("one-row", product);
  const found = new Map<string, Accepting[]>();
  const vary = async (title: string, subjects: readonly Subject[]) => {
    say(title);
    found.set(title, await compare(subjects, bench, turns));
    for (const { server } of subjects) if (server !== oneRow) await server.stop();
  };
  const gateway = async (
    name: string,
    options: { rules: object[]; shards?: number },
    load?: Partial<Subject>,
  ) => gatewaySubject(name, await startGateway(product, options), load);

  await vary("Shards", [
    await gateway("1 shard", { rules: [fitting] }),
    await gateway("4 shards", { rules: [fitting], shards: 4 }),
  ]);
  await vary("Destinations", [
    await gateway("none", { rules: [] }),
    await gateway("1", { rules: destinations(1) }),
    await gateway("2", { rules: destinations(2) }),
    await gateway("5", { rules: destinations(5) }),
    await gateway("10", { rules: destinations(10) }),
  ]);
  await vary("Rules, of which one fits", [
    await gateway("1 rule", { rules: rules(1) }),
    await gateway("10 rules", { rules: rules(10) }),
    await gateway("100 rules", { rules: rules(100) }),
  ]);
  for (const size of [300, 3_000, 12_000])
    await vary(`Bodies of ${size / 1_000} KB`, [
      await gateway("tim-relay", { rules: [fitting] }, { size }),
      { name: "one-row", server: oneRow, connections: 64, size, settled: async () => {} },
    ]);
  await oneRow.stop();
  return found;
}
