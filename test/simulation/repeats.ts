/** Deliveries that were made again although nothing allowed it. */
import type { Arrival } from "./destination.ts";
import type { SimulatedGateway } from "./gateway.ts";
import { recordedWithinMs } from "./object.ts";
import type { DestinationName } from "./steps.ts";

/** Whether the shard was told that the destination took the event. */
export function isConfirmed({ taken, answerLost, post }: Arrival): boolean {
  return taken && !answerLost && !post.callFailed && post.answeredAt !== null;
}

/** Whether the shard is sure to know it from then on: it lived until that was durable. */
export function isCertain(arrival: Arrival): boolean {
  return isConfirmed(arrival) && !diedWhile(arrival, Number.POSITIVE_INFINITY);
}

/** Whether the shard has died, before a time, after the post began and before its outcome was durable. */
function diedWhile({ post: { object, begunAt, answeredAt } }: Arrival, before: number): boolean {
  const until = Math.min(before, answeredAt! + recordedWithinMs);
  return object.disk.wasFull || object.deaths.some((at) => at >= begunAt && at <= until);
}

/** Whether a crash may have forgotten an attempt before the next was begun. */
export function wasForgotten({ post, ...arrival }: Arrival, { post: { begunAt } }: Arrival): boolean {
  return post.answeredAt === null || diedWhile({ post, ...arrival }, begunAt) || post.object.clockMoved;
}

/** A delivery is made again only after a crash, or if a replay asked for it. */
export function repeats(gateway: SimulatedGateway, name: DestinationName): string[] {
  const { arrivals } = gateway.destinations.get(name)!;
  const numbers = new Map(gateway.sent.map(({ id, number }) => [id, number]));
  return [...Map.groupBy(arrivals, ({ id }) => id)].flatMap(([id, all]) => {
    // A clock that jumps ahead forgets which events were kept: the same event, sent again, is kept again.
    if (gateway.replays.has(name, id) || all[0]!.post.object.clockMoved) return [];
    return all
      .filter(isConfirmed)
      .flatMap((first) =>
        all.flatMap((again) =>
          again.post !== first.post &&
          again.post.begunAt >= first.post.begunAt &&
          !diedWhile(first, again.post.begunAt)
            ? [`${name}: event ${numbers.get(id)} was taken at ${first.at}, and sent again at ${again.at}`]
            : [],
        ),
      );
  });
}

/** Posts that carry an event which another post of the same start still carries: no replay is an excuse for that. */
export function simultaneous(gateway: SimulatedGateway, name: DestinationName): string[] {
  const { arrivals } = gateway.destinations.get(name)!;
  const numbers = new Map(gateway.sent.map(({ id, number }) => [id, number]));
  return [...Map.groupBy(arrivals, ({ id }) => id)].flatMap(([id, all]) =>
    all.flatMap((first) =>
      all.flatMap((again) =>
        isStillCarried(first, again)
          ? [
              `${name}: event ${numbers.get(id)} was sent again at ${again.at}, before the answer of ${first.at}`,
            ]
          : [],
      ),
    ),
  );
}

/** A clock that jumps ahead forgets which events were kept: then each of two that are the same is sent. */
function isStillCarried({ post: first }: Arrival, { post: again }: Arrival): boolean {
  if (first === again || first.object !== again.object || first.life !== again.life) return false;
  if (first.callFailed || first.object.clockMoved || again.begunAt < first.begunAt) return false;
  return first.answeredAt === null || again.begunAt < first.answeredAt;
}
