/** The time that the gateway adds to a backend's verdict, and the answers that senders get while the backend hangs. */
import { usualSize } from "./acceptance.ts";
import { inTurns, sampleOf } from "./sample.ts";
import { type Bench, startGateway } from "./servers.ts";

/** Null where the backend was not asked at all. */
export interface Verdicts {
  overheadMs: number | null;
  /** Per cent. */
  inTime: number | null;
}

export async function verdicts(bench: Bench): Promise<Verdicts> {
  bench.say("asking for verdicts");
  return { overheadMs: await overhead(bench), inTime: await whileHanging(bench) };
}

async function overhead({ product, backend, sender, plan }: Bench): Promise<number | null> {
  const gateway = await startGateway(product, { rules: [asking(`${backend.url}verdict`)] });
  let asked = true;
  const run = async (url: string, seconds: number) => {
    await backend.seen();
    const { p50 } = await sender.send({
      mode: "closed",
      url,
      kind: "BeforeSendMsg",
      connections: 1,
      size: usualSize,
      seconds,
    });
    asked &&= (await backend.seen()).verdicts > 0;
    return p50!;
  };
  const context = [gateway.url, `${backend.url}verdict`];
  if (plan.warmSeconds > 0) for (const url of context) await run(url, plan.warmSeconds);
  const found = await inTurns(context, plan.rounds, (url) => run(url, plan.seconds));
  await gateway.stop();
  const [through, direct] = [...found.values()].map((values) => sampleOf(values).median);
  return asked ? through! - direct! : null;
}

async function whileHanging({ product, backend, sender, plan }: Bench): Promise<number | null> {
  const gateway = await startGateway(product, { rules: [asking(`${backend.url}hang`)] });
  await backend.seen();
  const { accepted, failed } = await sender.send(
    {
      mode: "open",
      url: gateway.url,
      kind: "BeforeSendMsg",
      size: usualSize,
      perSecond: 20,
      seconds: Math.min(plan.openSeconds / 2, 10),
    },
    true,
  );
  await gateway.stop();
  const { hanging } = await backend.seen();
  return hanging > 0 ? (accepted * 100) / (accepted + failed) : null;
}

function asking(url: string): object {
  return { name: "moderation", on: "Group.CallbackBeforeSendMsg", ask: url, deadlineMs: 1_200 };
}
