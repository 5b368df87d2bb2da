/** Sentences about replays that wait, for `/health`. */
import type { Coordinator } from "../cluster/coordinator.ts";
import type { Destinations } from "../pump/destinations.ts";
import type { Replays } from "./replays.ts";

export class ReplayHealth {
  readonly #replays: Replays;
  readonly #destinations: Destinations;
  readonly #cluster: Pick<Coordinator, "state">;

  constructor(replays: Replays, destinations: Destinations, cluster: Pick<Coordinator, "state">) {
    this.#replays = replays;
    this.#destinations = destinations;
    this.#cluster = cluster;
  }

  problems(): string[] {
    const waiting = this.#replays.running.flatMap(({ id, destination }) => {
      const until = this.#waitsUntil(destination);
      return until === null ? [] : [`${destination}: the replay ${id} waits until ${until}`];
    });
    const untold = this.#replays.all.flatMap(({ id, destination, untold }) =>
      untold.map(([shard]) => `${destination}: shard ${shard} has not been told of the replay ${id} yet`),
    );
    return [...waiting, ...untold];
  }

  /** Null: it waits for nothing. */
  #waitsUntil(destination: string): string | null {
    const { disabled, paused } = this.#cluster.state;
    const pump = this.#destinations.pumps.get(destination);
    if (!pump)
      return this.#destinations.dormant.get(destination)?.goneAt === null
        ? "its rule is mended"
        : "a rule has this name again";
    if (!pump.rule.enabled) return "its rule is switched on again";
    if (paused.includes(destination) || disabled.includes(destination)) return "it is resumed";
    if (pump.awaits !== null) return `a ${pump.awaits} comes`;
    return pump.open ? "the destination answers well again" : null;
  }
}
