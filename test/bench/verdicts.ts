/** The time that the gateway adds to a backend's verdict, and the answers that senders get while the backend hangs. */
import { usualSize } from "./acceptance.ts";
import type { Measured } from "./part.ts";
import { differencesOf, inTurns, type Sample, sampleOf } from "./sample.ts";
import { type Bench, startGateway } from "./servers.ts";

export async function verdicts(bench: Bench): Promise<Measured> {
  bench.say("asking for verdicts");
  const { through, direct } = await asked(bench);
  return {
    numbers: {
      verdictOverheadMs: differencesOf(through, direct),
      verdictsInTimePct: sampleOf([await inTimeWhileHanging(bench)]),
    },
    sentences: [
      `A verdict through the gateway takes ${through.median.toFixed(2)} ms, one of the backend itself ${direct.median.toFixed(2)} ms (p50).`,
    ],
    tables: [],
  };
}

/** Milliseconds in the median of each turn: through the gateway, and directly. */
async function asked({
  product,
  backend,
  sender,
  plan,
}: Bench): Promise<{ through: Sample; direct: Sample }> {
  const gateway = await startGateway(product, { rules: [asking(`${backend.url}verdict`)] });
  const run = async (url: string, seconds: number) => {
    await backend.seen();
    const load = { url, kind: "BeforeSendMsg", connections: 1, size: usualSize, seconds } as const;
    const { p50 } = await sender.send({ ...load, mode: "closed" });
    if ((await backend.seen()).verdicts === 0) throw new Error("the backend was not asked for verdicts");
    return p50!;
  };
  const urls = [gateway.url, `${backend.url}verdict`];
  const { warmSeconds, rounds, seconds } = plan.verdicts;
  if (warmSeconds > 0) for (const url of urls) await run(url, warmSeconds);
  const found = await inTurns(urls, rounds, (url) => run(url, seconds));
  await gateway.stop();
  const [through, direct] = urls.map((url) => sampleOf(found.get(url)!));
  return { through: through!, direct: direct! };
}

/** Per cent of the before-callbacks. */
async function inTimeWhileHanging({ product, backend, sender, plan }: Bench): Promise<number> {
  const gateway = await startGateway(product, { rules: [asking(`${backend.url}hang`)] });
  await backend.seen();
  const seconds = Math.min(plan.openSeconds / 2, 10);
  const load = { url: gateway.url, kind: "BeforeSendMsg", size: usualSize, perSecond: 20, seconds } as const;
  const { accepted, failed } = await sender.send({ ...load, mode: "open" }, true);
  await gateway.stop();
  if ((await backend.seen()).hanging === 0) throw new Error("the backend was not asked for verdicts");
  return (accepted * 100) / (accepted + failed);
}

function asking(url: string): object {
  return { name: "moderation", on: "Group.CallbackBeforeSendMsg", ask: url, deadlineMs: 1_200 };
}
