/** How late events come to a destination that takes its time, at default settings and from the first event on. */
import { usualSize } from "./acceptance.ts";
import { type Bench, destination, startGateway } from "./servers.ts";

/** The time of an answer, and the events a second with which a destination of that time has to keep up. */
const paces = [
  { answerMs: 0, perSecond: 500 },
  { answerMs: 50, perSecond: 500 },
  { answerMs: 300, perSecond: 100 },
] as const;

export interface KeptUp {
  answerMs: number;
  perSecond: number;
  /** Events delivered a second, from the first callback to the last delivery. */
  deliveredPerSecond: number;
  /** Milliseconds from the sending of a callback to the end of its delivery. */
  p50: number;
  p99: number;
}

/** One after the other, in the order of `paces`. */
export async function keepingUp(bench: Bench): Promise<KeptUp[]> {
  const all: KeptUp[] = [];
  for (const pace of paces) all.push(await keepingUpWith(pace, bench));
  return all;
}

async function keepingUpWith(
  { answerMs, perSecond }: (typeof paces)[number],
  { product, backend, sender, plan, say }: Bench,
): Promise<KeptUp> {
  say(`delivering ${perSecond} events/s to a destination that takes ${answerMs} ms`);
  const url = `${backend.url}after/${answerMs}`;
  const gateway = await startGateway(product, { rules: [{ ...destination("d0", backend), url }] });
  await backend.seen();
  const startedAt = performance.now();
  const { accepted } = await sender.send({
    mode: "open",
    url: gateway.url,
    kind: "AfterSendMsg",
    size: usualSize,
    perSecond,
    seconds: plan.openSeconds,
  });
  await gateway.drained();
  const seconds = (performance.now() - startedAt) / 1_000;
  const { events, p50, p99 } = await backend.seen();
  await gateway.stop();
  if (events < accepted) throw new Error(`${accepted} events were accepted, ${events} delivered`);
  say(`  delivered after ${p50} ms, 99 % within ${p99} ms`);
  return { answerMs, perSecond, deliveredPerSecond: events / seconds, p50: p50!, p99: p99! };
}
