/** How soon a callback is answered and delivered at 200 events a second, open loop. */
import { atRate } from "./delivery.ts";
import type { Measured } from "./part.ts";
import { type Sample, sampleOf } from "./sample.ts";
import { type Bench, destination, startGateway } from "./servers.ts";

const perSecond = 200;

export async function delivering({ product, backend, sender, plan, say }: Bench): Promise<Measured> {
  say(`delivering ${perSecond} events/s`);
  const gateway = await startGateway(product, { rules: [destination("d0", backend)] });
  await atRate(sender, gateway, perSecond, plan.openWarmSeconds);
  await gateway.drained();
  await backend.seen();
  const answerP99: number[] = [];
  const deliverP99: number[] = [];
  const late: number[] = [];
  const deliverP50: number[] = [];
  const { rounds, seconds } = plan.delivering;
  for (let round = 0; round < rounds; round++) {
    const outcome = await atRate(sender, gateway, perSecond, seconds);
    await gateway.drained();
    const { events, p50, p99 } = await backend.seen();
    if (events < outcome.accepted)
      throw new Error(`${outcome.accepted} events were accepted, ${events} came to the destination`);
    say(`  answered within ${outcome.p99!.toFixed(1)} ms, delivered within ${p99} ms`);
    answerP99.push(outcome.p99!);
    late.push(outcome.lateP99!);
    deliverP50.push(p50!);
    deliverP99.push(p99!);
  }
  await gateway.stop();
  const median = (values: number[]): Sample => sampleOf(values);
  return {
    numbers: { answerP99Ms: median(answerP99), deliverP99Ms: median(deliverP99) },
    sentences: [
      `At ${perSecond} events/s an event is at its destination ${median(deliverP50).median} ms after its sending, in the median. ` +
        `Times count from the intended time of sending; the sender was late by ${median(late).median.toFixed(1)} ms (p99).`,
    ],
    tables: [],
  };
}
