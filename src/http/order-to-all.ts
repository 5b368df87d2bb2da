/** Orders to shard 0 for all shards, such as a replay. */

import { say } from "../sentence.ts";
import type { Shard } from "../shard/shard.ts";
import { askOne, type Place } from "./ask-each.ts";
import { Refusal } from "./reply.ts";
import { clusterState } from "./shards.ts";

const advice = say`whether it has begun is not known, look at /api/replays before you ask again`;

/**
 * Each shard was asked for its part before. Throws a refusal if there are more shards by now: shard 0 has refused the
 * order, which would leave their events.
 */
export function orderToAll<Answer>(
  parts: readonly unknown[],
  place: Place,
  order: (stub: DurableObjectStub<Shard>) => Promise<Answer>,
): Promise<Answer> {
  const { env, config } = place;
  const ordered = async (stub: DurableObjectStub<Shard>) => {
    try {
      return await order(stub);
    } catch (error) {
      const { shards } = await clusterState(env, config);
      if (shards <= parts.length) throw error;
      throw new Refusal(
        503,
        "shards_have_grown",
        say`SHARDS has just grown from ${parts.length} to ${shards}: nothing has begun, ask again`,
      );
    }
  };
  return askOne(place, 0, "order", ordered, { advice });
}
