/** The program that polls a destination of a simulation: each poll confirms the events of the answer before it. */
import type { HandedOut, Receipt } from "../../src/shard/pump/receipt.ts";
import type { Arrival } from "./destination.ts";
import type { SimulatedGateway } from "./gateway.ts";
import { wasForgotten } from "./repeats.ts";
import type { Post } from "./surroundings.ts";

/** What goes wrong with a poll: its answer is lost, or the poller forgets what it has to confirm. */
export const pollLosses = ["answer", "after"] as const;
export type PollLoss = (typeof pollLosses)[number];

/** The events that a poll was handed out by a shard. */
interface Taken {
  receipt: Receipt;
  arrivals: readonly Arrival[];
}

const name = "polled";

export class Poller {
  readonly #gateway: SimulatedGateway;
  /** By shard: what the next poll confirms. */
  #taken: ReadonlyMap<number, Taken> = new Map();
  /** Whether polls go on by themselves. */
  #steady = false;

  constructor(gateway: SimulatedGateway) {
    this.#gateway = gateway;
  }

  /** Polls so often, one after another. */
  async polls(times: number, limit: number, loss: PollLoss | null): Promise<void> {
    await this.poll(limit, loss);
    if (times > 1) await this.polls(times - 1, limit, null);
  }

  /** As a Worker polls: it asks all shards what they have, and takes the oldest. */
  async poll(limit: number, loss: PollLoss | null): Promise<void> {
    const { shardCount } = this.#gateway;
    if (loss === "after") this.#taken = new Map();
    const taken = this.#taken;
    const shards = Array.from({ length: shardCount }, (_, index) => index);
    const offers = await Promise.all(
      shards.map(async (index) =>
        (await this.#offer(index, taken.get(index), limit)).map((key) => ({ key, index })),
      ),
    );
    const oldest = offers.flat().sort((a, b) => a.key - b.key);
    const counts = Map.groupBy(oldest.slice(0, limit), ({ index }) => index);
    const handed = await Promise.all([...counts].map(([index, { length }]) => this.#take(index, length)));
    if (loss === "answer") return;
    this.#taken = this.#arrived(handed.filter((one) => one !== null));
  }

  /** Polls from now on as long as the simulation runs. */
  goOn(): void {
    if (this.#steady) return;
    this.#steady = true;
    const again = () => {
      const next = () => this.#gateway.timeline.after(20_000, again);
      this.poll(100, null).then(next, next);
    };
    again();
  }

  async #offer(index: number, taken: Taken | undefined, limit: number): Promise<number[]> {
    const { timeline } = this.#gateway;
    const keys = await this.#gateway.ask(index, async (shard) => {
      for (const { post } of taken?.arrivals ?? []) post.answeredAt ??= timeline.now;
      const offered = await shard.offer(name, taken?.receipt ?? null, limit);
      this.#gateway.shards[index]!.noteAnswer();
      return this.#oldestFirst(index, "offers", offered);
    });
    return keys ?? [];
  }

  async #take(
    index: number,
    limit: number,
  ): Promise<{ index: number; handed: HandedOut; begunAt: number } | null> {
    return this.#gateway.ask(index, async (shard) => {
      const begunAt = this.#gateway.timeline.now;
      const handed = await shard.handOut(name, limit);
      this.#oldestFirst(index, "hands out", handed.keys);
      return { index, begunAt, handed };
    });
  }

  #oldestFirst<Keys extends readonly number[]>(index: number, does: string, keys: Keys): Keys {
    const sorted = keys.toSorted((a, b) => a - b);
    if (keys.join() !== sorted.join())
      this.#gateway.complaints.push(`shard-${index} ${does} ${keys}, not the oldest first`);
    return keys;
  }

  /** The events of an answer, oldest first. */
  #arrived(handed: readonly { index: number; handed: HandedOut; begunAt: number }[]): Map<number, Taken> {
    const { shards } = this.#gateway;
    const destination = this.#gateway.destinations.get(name)!;
    const all = handed.flatMap(({ index, handed: { keys, events }, begunAt }) =>
      events.map((body, at) => {
        // Each event is confirmed by itself: the poller's post stands for one.
        const post = {
          object: shards[index]!,
          life: 0,
          message: { body, headers: {} },
          begunAt,
          answeredAt: null,
          callFailed: false,
        };
        return { key: keys[at]!, index, body, post: post as unknown as Post };
      }),
    );
    all.sort((a, b) => a.key - b.key);
    const arrived = all.map(({ index, body, post }) => ({
      index,
      arrivals: destination.arrive(post, [body], { taken: true, answerLost: false }),
    }));
    return new Map(
      handed.map(({ index, handed: { at, keys } }) => [
        index,
        {
          receipt: { at, keys },
          arrivals: arrived.filter((one) => one.index === index).flatMap(({ arrivals }) => arrivals),
        },
      ]),
    );
  }
}

/** Events that were handed out again after they were confirmed, without a crash. */
export function* confirmedTwice(gateway: SimulatedGateway): Iterable<string> {
  const { arrivals } = gateway.destinations.get(name)!;
  const numbers = new Map(gateway.sent.map(({ id, number }) => [id, number]));
  for (const [id, all] of Map.groupBy(arrivals, (arrival) => arrival.id)) {
    if (gateway.replays.has(name, id) || all[0]!.post.object.clockMoved) continue;
    for (const first of all)
      for (const again of all)
        if (
          first.post.answeredAt !== null &&
          again.post.begunAt > first.post.answeredAt &&
          !wasForgotten(first, again)
        )
          yield `polled: event ${numbers.get(id)} was confirmed at ${first.post.answeredAt}, and handed out again`;
  }
}
