/** What the processor time of an event depends on: one thing is varied at a time. */
import { untold } from "../support/process-stats.ts";
import { type CpuSubject, type CpuTurn, cpuTurn } from "./cpu-turn.ts";
import type { Measured, Table } from "./part.ts";
import { inTurns, sampleOf } from "./sample.ts";
import { type Bench, destination, type GatewayOptions, startGateway } from "./servers.ts";

interface Variant extends Omit<CpuSubject, "server"> {
  name: string;
  options: GatewayOptions;
}

interface Variation {
  title: string;
  variants: readonly Variant[];
}

export async function growth(bench: Bench): Promise<Measured> {
  const { growth } = bench.plan;
  if (untold || !growth) {
    const why = untold || "a quick run has no time for it";
    return { numbers: {}, sentences: [`Growth was skipped: ${why}.`], tables: [] };
  }
  const tables: Table[] = [];
  for (const { title, variants } of variations(bench)) {
    bench.say(`growth: ${title.toLowerCase()}`);
    tables.push({
      title: `Growth with ${title}`,
      text: `Processor time of an event, all of workerd's, at ${growth.perSecond} events/s.`,
      head: ["", "median", "spread"],
      rows: await varied(variants, growth, bench),
    });
  }
  return { numbers: {}, sentences: [], tables };
}

async function varied(
  variants: readonly Variant[],
  { rounds, ...turn }: CpuTurn & { rounds: number },
  bench: Bench,
): Promise<string[][]> {
  const subjects: (CpuSubject & { name: string })[] = [];
  for (const { options, ...variant } of variants)
    subjects.push({ ...variant, server: await startGateway(bench.product, options) });
  for (const subject of subjects) await cpuTurn(subject, turn, bench);
  const found = await inTurns(subjects, rounds, (subject) => cpuTurn(subject, turn, bench));
  for (const { server } of subjects) await server.stop();
  return [...found].map(([{ name }, values]) => {
    const { median, least, most } = sampleOf(values);
    bench.say(`  ${name}: ${median.toFixed(2)} ms`);
    return [name, `${median.toFixed(2)} ms`, `${least.toFixed(2)} to ${most.toFixed(2)}`];
  });
}

function variations({ backend }: Bench): Variation[] {
  const one = destination("d0", backend);
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => destination(`d${index}`, backend));
  const unfit = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...destination(`r${index}`, backend),
      on: ["Group.CallbackAfterSendMsg", "C2C.CallbackAfterSendMsg"],
      match: {
        body: { GroupId: [{ prefix: `@TGS#OTHER${index}` }], From_Account: [{ "anything-but": "minh" }] },
      },
    }));
  return [
    {
      title: "destinations",
      variants: [1, 10, 50].map((count) => ({
        name: `${count}`,
        destinations: count,
        options: { rules: many(count) },
      })),
    },
    {
      title: "rules, of which one fits",
      variants: [1, 10, 100].map((count) => ({
        name: `${count}`,
        destinations: 1,
        options: { rules: [one, ...unfit(count - 1)] },
      })),
    },
    {
      title: "shards",
      variants: [1, 8].map((shards) => ({
        name: `${shards}`,
        destinations: 1,
        options: { rules: [one], shards },
      })),
    },
    {
      title: "the size of a body",
      variants: [300, 12_000].map((size) => ({
        name: `${size / 1_000} KB`,
        destinations: 1,
        size,
        options: { rules: [one] },
      })),
    },
  ];
}
