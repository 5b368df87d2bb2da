/**
 * The processor time of an event: all of workerd's, user and system, at fixed rates and in paired turns. Senders and
 * destinations are other processes. It holds on a noisy machine, where the times of answers do not.
 */
import type { Bundle } from "../../src/cli/bundle.ts";
import { untold } from "../support/process-stats.ts";
import { ratioKeys, ratios, type Times } from "./cpu-ratios.ts";
import { type CpuSubject, cpuTurn } from "./cpu-turn.ts";
import type { Measured, Table } from "./part.ts";
import type { Server } from "./processes.ts";
import { withoutRedis } from "./redis.ts";
import { handWrittenServer, queueServer, referenceWorker } from "./references.ts";
import { inTurns, ratiosOf, type Sample, sampleOf } from "./sample.ts";
import { type Bench, destination, startGateway } from "./servers.ts";

/** The subjects: the references, servers that teams write, and the gateway with so many destinations. */
const roles = {
  bare: { name: "*bare*", destinations: 0 },
  oneRow: { name: "*one-row*", destinations: 0 },
  byHand: { name: "*by hand*, 1 destination", destinations: 1 },
  queue: { name: "*BullMQ* with Redis, 1 destination", destinations: 1 },
  none: { name: "tim-relay, no destination", destinations: 0 },
  one: { name: "tim-relay, 1 destination", destinations: 1 },
  two: { name: "tim-relay, 2 destinations", destinations: 2 },
  ten: { name: "tim-relay, 10 destinations", destinations: 10 },
} as const;
type Role = keyof typeof roles;
const gatewayRoles = ["none", "one", "two", "ten"] as const;

interface Subject extends CpuSubject {
  role: Role;
  /** Of the gateway, by its number; null for another server. */
  build: number | null;
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
  const { rates, warmSeconds, settleMs } = plan.processor;
  const { perSecond } = rates[0]!;
  for (const subject of subjects)
    await cpuTurn(subject, { perSecond, seconds: warmSeconds, settleMs }, bench);
  const tables: Table[] = [];
  let numbers: Measured["numbers"] = {};
  for (const { perSecond, seconds, rounds } of rates) {
    say(`processor time at ${perSecond} events/s`);
    const turns = await inTurns(subjects, rounds, async (subject) => {
      const ms = await cpuTurn(subject, { perSecond, seconds, settleMs }, bench);
      say(`  ${nameOf(subject)}: ${ms.toFixed(3)} ms`);
      return ms;
    });
    const taken = builds.map((_, build) => timesOf(turns, build));
    const [ours, theirs] = taken.map(ratioSamples);
    tables.push({
      title: `Processor time of an event at ${perSecond} a second`,
      text:
        "All of the server's, user and system; of workerd, and of Node and Redis for the others. Each ratio is the median of " +
        "the rounds' ratios.",
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
  const isWithoutQueue = plan.processor.teams && !other && subjects.every(({ role }) => role !== "queue");
  return {
    numbers,
    sentences: isWithoutQueue ? [`The processor time of BullMQ was skipped: ${withoutRedis}.`] : [],
    tables,
  };
}

function nameOf({ role, build }: Subject): string {
  return `${build === 1 ? "the other, " : ""}${roles[role].name}`;
}

async function started(builds: readonly Bundle[], { product, backend, plan }: Bench): Promise<Subject[]> {
  const subjects: Subject[] = [];
  const add = (role: Role, build: number | null, server: Server) =>
    subjects.push({
      role,
      build,
      server,
      destinations: roles[role].destinations,
      mayLose: role === "byHand",
    });
  add("bare", null, await referenceWorker("bare", product));
  add("oneRow", null, await referenceWorker("one-row", product));
  if (builds.length === 1 && plan.processor.teams) {
    const url = `${backend.url}events`;
    add("byHand", null, await handWrittenServer(url));
    const queue = await queueServer(url);
    if (queue) add("queue", null, queue);
  }
  for (const role of gatewayRoles)
    for (const [build, bundle] of builds.entries()) {
      const all = Array.from({ length: roles[role].destinations }, (_, index) =>
        destination(`d${index}`, backend),
      );
      add(role, build, await startGateway(bundle, { rules: all }));
    }
  return subjects;
}

/** The rounds of a build and the references. */
function timesOf(turns: ReadonlyMap<Subject, readonly number[]>, build: number): Record<Role, number>[] {
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

function against([ours, theirs]: readonly Times[][], role: keyof Times): Sample {
  const taken = (rounds: readonly Times[]) => sampleOf(rounds.map((times) => times[role]));
  return ratiosOf(taken(ours!), taken(theirs!));
}

function row(name: string, { median, least, most }: Sample, unit: string): string[] {
  return [name, `${median.toFixed(3)}${unit}`, `${least.toFixed(3)} to ${most.toFixed(3)}`];
}
