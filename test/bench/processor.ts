/**
 * The processor time of an event: all of workerd's, user and system, at fixed rates and in paired turns. Senders and
 * destinations are other processes. It holds on a noisy machine, where the times of answers do not.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Bundle } from "../../src/cli/bundle.ts";
import { untold } from "../support/process-stats.ts";
import { usualSize } from "./acceptance.ts";
import type { Measured, Table } from "./part.ts";
import { inTurns, ratiosOf, type Sample, sampleOf } from "./sample.ts";
import { type Bench, destination, referenceWorker, type Server, startGateway } from "./servers.ts";

/** What is compared: the references, and the gateway with so many destinations. */
const roles = {
  bare: { name: "*bare*", destinations: 0 },
  oneRow: { name: "*one-row*", destinations: 0 },
  none: { name: "no destination", destinations: 0 },
  one: { name: "1 destination", destinations: 1 },
  two: { name: "2 destinations", destinations: 2 },
  ten: { name: "10 destinations", destinations: 10 },
} as const;
type Role = keyof typeof roles;
const gatewayRoles = ["none", "one", "two", "ten"] as const;

/** Milliseconds of an event. */
export type Times = Readonly<Record<Role, number>>;

/** The ratios of one round. */
export const ratios = {
  acceptCpuRatio: {
    what: "An event without destination, against *one-row*",
    of: ({ none, oneRow }: Times) => none / oneRow,
  },
  deliverCpuRatio: {
    what: "A delivery on top, against *bare*",
    of: ({ one, none, bare }: Times) => (one - none) / bare,
  },
  secondCpuRatio: {
    what: "The second destination, against *bare*",
    of: ({ two, one, bare }: Times) => (two - one) / bare,
  },
  furtherCpuRatio: {
    what: "Each of nine further destinations, against *bare*",
    of: ({ ten, one, bare }: Times) => (ten - one) / 9 / bare,
  },
} as const;
const ratioKeys = Object.keys(ratios) as (keyof typeof ratios)[];

interface Subject {
  role: Role;
  /** Of the gateway, by its number; null for a reference. */
  build: number | null;
  server: Server;
}

/**
 * Ends with the goals' ratios.
 * @param other a second build, which takes turns with the product
 */
export async function processor(bench: Bench, other?: Bundle): Promise<Measured> {
  if (untold) return { numbers: {}, sentences: [`Processor time was skipped: ${untold}.`], tables: [] };
  const { product, plan, say } = bench;
  const builds = other ? [product, other] : [product];
  say("processor time: starting and warming up");
  const subjects = await started(builds, bench);
  const { rates, warmSeconds } = plan.processor;
  for (const subject of subjects) await turn(subject, rates[0]!.perSecond, warmSeconds, bench);
  const tables: Table[] = [];
  let numbers: Measured["numbers"] = {};
  for (const { perSecond, seconds, rounds } of rates) {
    say(`processor time at ${perSecond} events/s`);
    const turns = await inTurns(subjects, rounds, async (subject) => {
      const ms = await turn(subject, perSecond, seconds, bench);
      say(`  ${nameOf(subject)}: ${ms.toFixed(3)} ms`);
      return ms;
    });
    const taken = builds.map((_, build) => timesOf(turns, build));
    const [ours, theirs] = taken.map(ratioSamples);
    tables.push({
      title: `Processor time of an event at ${perSecond} a second`,
      text: "All of workerd's, user and system. Each ratio is the median of the rounds' ratios.",
      head: ["", "median", "spread"],
      rows: [
        ...[...turns].map(([subject, values]) => row(nameOf(subject), sampleOf(values), " ms")),
        ...ratioKeys.map((key) => row(ratios[key].what, ours![key], " ×")),
        ...(theirs ? ratioKeys.map((key) => row(`the other: ${ratios[key].what}`, theirs[key], " ×")) : []),
        ...(theirs
          ? gatewayRoles.map((role) =>
              row(`${roles[role].name}, this version against the other`, against(taken, role), " ×"),
            )
          : []),
      ],
    });
    if (perSecond === 500) {
      const { secondCpuRatio: _, ...goals } = ours!;
      numbers = goals;
    }
  }
  for (const { server } of subjects) await server.stop();
  return { numbers, sentences: [], tables };
}

function nameOf({ role, build }: Subject): string {
  return `${build === 1 ? "the other, " : ""}${roles[role].name}`;
}

async function started(builds: readonly Bundle[], { product, backend }: Bench): Promise<Subject[]> {
  const subjects: Subject[] = [
    { role: "bare", build: null, server: await referenceWorker("bare", product) },
    { role: "oneRow", build: null, server: await referenceWorker("one-row", product) },
  ];
  for (const role of gatewayRoles)
    for (const [build, bundle] of builds.entries()) {
      const all = Array.from({ length: roles[role].destinations }, (_, index) =>
        destination(`d${index}`, backend),
      );
      subjects.push({ role, build, server: await startGateway(bundle, { rules: all }) });
    }
  return subjects;
}

/** One turn, until everything has been delivered and noted. Returns the milliseconds of an event. */
async function turn(
  { role, server }: Subject,
  perSecond: number,
  seconds: number,
  { backend, sender, plan }: Bench,
): Promise<number> {
  await backend.seen();
  const before = server.cpuSeconds()!;
  const { accepted } = await sender.send({
    mode: "open",
    url: server.url,
    kind: "AfterSendMsg",
    size: usualSize,
    perSecond,
    seconds,
  });
  // The backend is asked, because a question to the gateway would take its time.
  await backend.came(accepted * roles[role].destinations);
  await sleep(plan.processor.settleMs);
  return ((server.cpuSeconds()! - before) * 1_000) / accepted;
}

/** The rounds of a build and the references. */
function timesOf(turns: ReadonlyMap<Subject, readonly number[]>, build: number): Times[] {
  const all = [...turns].filter(([subject]) => subject.build === null || subject.build === build);
  return all[0]![1].map(
    (_, round) =>
      Object.fromEntries(all.map(([{ role }, values]) => [role, values[round]!])) as Record<Role, number>,
  );
}

function ratioSamples(rounds: readonly Times[]): Record<keyof typeof ratios, Sample> {
  const entries = ratioKeys.map((key) => [key, sampleOf(rounds.map(ratios[key].of))]);
  return Object.fromEntries(entries) as Record<keyof typeof ratios, Sample>;
}

function against([ours, theirs]: readonly Times[][], role: Role): Sample {
  const taken = (rounds: readonly Times[]) => sampleOf(rounds.map((times) => times[role]));
  return ratiosOf(taken(ours!), taken(theirs!));
}

function row(name: string, { median, least, most }: Sample, unit: string): string[] {
  return [name, `${median.toFixed(3)}${unit}`, `${least.toFixed(3)} to ${most.toFixed(3)}`];
}
