/** Answers at 200 events a second, open loop, while the shard is busy with other work. */
import { usualSize } from "./acceptance.ts";
import { filledWith } from "./filled.ts";
import type { Measured } from "./part.ts";
import { startViewers } from "./peers.ts";
import { sampleOf } from "./sample.ts";
import { exportUntil } from "./searching.ts";
import { type Bench, destination, type Gateway, startGateway } from "./servers.ts";

const perSecond = 200;
const viewers = 50;

interface Work {
  name: string;
  /** Whether the events of the journal wait for the destination. */
  waiting?: boolean;
  begin(gateway: Gateway): Promise<Running>;
}

interface Running {
  /** Whether the work still goes on; it must last as long as the measurement. */
  goesOn(): Promise<boolean>;
  end(): Promise<void>;
}

const nothing = async () => {};

const works: readonly Work[] = [
  {
    name: "a backlog drains",
    waiting: true,
    begin: async (gateway) => ({
      goesOn: async () => {
        const [{ waiting }] = (await gateway.api("api/destinations")) as [{ waiting: number }];
        return waiting > 0;
      },
      end: nothing,
    }),
  },
  {
    name: "a replay runs",
    async begin(gateway) {
      const body = JSON.stringify({ destination: "d0", since: "24h", until: "0s", perSecond: 1_000 });
      const { id } = (await (await gateway.request("api/replay", { method: "POST", body })).json()) as {
        id: string;
      };
      return {
        async goesOn() {
          const { state } = (await gateway.api(`api/replays/${id}`)) as { state: string };
          return state === "running";
        },
        end: nothing,
      };
    },
  },
  {
    name: "an export runs",
    async begin(gateway) {
      const ended = new AbortController();
      const exports = exportUntil(gateway, ended.signal);
      return {
        goesOn: async () => true,
        async end() {
          ended.abort();
          await exports;
        },
      };
    },
  },
  {
    name: `${viewers} tails and one that never reads watch`,
    async begin(gateway) {
      const audience = await startViewers(gateway, viewers);
      return { goesOn: async () => true, end: () => audience.stop() };
    },
  },
];

export async function answers(bench: Bench): Promise<Measured> {
  const { product, backend, sender, plan, say } = bench;
  const { backlog, seconds } = plan.answers;
  const rules = [destination("d0", backend)];
  const rows: string[][] = [];
  const sentences: string[] = [];
  let worst = 0;
  for (const { name, waiting = false, begin } of works) {
    say(`answering 200 events/s while ${name}`);
    const { dir } = await filledWith(backlog, product, { waiting });
    const gateway = await startGateway(product, { rules, dir, isBehind: waiting });
    const running = await begin(gateway);
    const load = { url: gateway.url, kind: "AfterSendMsg", size: usualSize, perSecond } as const;
    const { p50, p99, lateP99, failed } = await sender.send({ ...load, mode: "open", seconds }, true);
    if (!(await running.goesOn()))
      sentences.push(
        `The work ended before the measurement: ${name}, ${backlog.toLocaleString("en")} events.`,
      );
    await running.end();
    await gateway.stop();
    say(
      `  median ${p50!.toFixed(1)} ms, p99 ${p99!.toFixed(1)} ms, the sender late by ${lateP99!.toFixed(1)} ms`,
    );
    rows.push([
      name,
      `${p50!.toFixed(1)} ms`,
      `${p99!.toFixed(1)} ms`,
      `${lateP99!.toFixed(1)} ms`,
      String(failed),
    ]);
    worst = Math.max(worst, p99!);
  }
  return {
    numbers: { busyAnswerP99Ms: sampleOf([worst]) },
    sentences,
    tables: [
      {
        title: "Answers while other work runs",
        text:
          `At ${perSecond} events/s with ${backlog.toLocaleString("en")} events kept. A time counts from the intended time of sending: ` +
          "it includes how late the sender was, and no wait hides another one. An answer after 2 s has failed.",
        head: ["while", "median", "p99", "sender late, p99", "failed"],
        rows,
      },
    ],
  };
}
