/** Sentences about replays that wait, for `/health`. */

import { type Sentence, say } from "../../sentence.ts";
import type { Coordinator } from "../cluster/coordinator.ts";
import type { Receiver } from "../presence.ts";
import type { Destinations } from "../pump/destinations.ts";
import type { Replays } from "./replays.ts";

/** The end of a wait for a receiver that comes by itself. */
export function comes(receiver: Receiver): Sentence {
  return receiver === "listener" ? say`a listener comes` : say`a poller comes`;
}

export class ReplayHealth {
  readonly #replays: Replays;
  readonly #destinations: Destinations;
  readonly #cluster: Pick<Coordinator, "state">;

  constructor(replays: Replays, destinations: Destinations, cluster: Pick<Coordinator, "state">) {
    this.#replays = replays;
    this.#destinations = destinations;
    this.#cluster = cluster;
  }

  problems(): Sentence[] {
    const waiting = this.#replays.running.flatMap(({ id, destination }) => {
      const until = this.#waitsUntil(destination);
      return until === null ? [] : [say`${destination}: the replay ${id} waits until ${until}`];
    });
    const untold = this.#replays.all.flatMap(({ id, destination, untold }) =>
      untold.map(([shard]) => say`${destination}: shard ${shard} has not been told of the replay ${id} yet`),
    );
    return [...waiting, ...untold];
  }

  /** Null: it waits for nothing. */
  #waitsUntil(destination: string): Sentence | null {
    const { disabled, paused } = this.#cluster.state;
    const pump = this.#destinations.pumps.get(destination);
    if (!pump)
      return this.#destinations.dormant.get(destination)?.goneAt === null
        ? say`its rule is mended`
        : say`a rule has this name again`;
    if (!pump.rule.enabled) return say`its rule is switched on again`;
    if (paused.includes(destination) || disabled.includes(destination)) return say`it is resumed`;
    if (pump.awaits !== null) return comes(pump.awaits);
    return pump.open ? say`the destination answers well again` : null;
  }
}
