/**
 * How shards come to know what must hold everywhere. Shard 0 decides and tells the others; another shard reports a
 * 410 to it, and asks it at its birth. Who cannot be told now is told by a later alarm.
 */
import type { ClusterState, ShardMetadata } from "./metadata.ts";

/** `forget`: no rule has the name any more, nothing shall be remembered of it. */
export type Steering = "pause" | "resume" | "disable" | "forget";

/** What shards say to each other. */
export interface Peer {
  join(shards: number): Promise<ClusterState>;
  steer(destination: string, action: Steering): Promise<void>;
  learn(agreed: ClusterState): Promise<void>;
}

export class Coordinator {
  readonly #index: number;
  readonly #configured: number;
  readonly #standing: ShardMetadata;
  readonly #peer: (shard: number) => Peer;
  readonly #changed: (resumed: readonly string[]) => void;

  /**
   * @param index of this shard
   * @param configured how many shards there shall be
   * @param changed called when something holds that did not, with the destinations that were resumed
   */
  constructor(
    index: number,
    configured: number,
    standing: ShardMetadata,
    peer: (shard: number) => Peer,
    changed: (resumed: readonly string[]) => void,
  ) {
    this.#index = index;
    this.#configured = configured;
    this.#standing = standing;
    this.#peer = peer;
    this.#changed = changed;
    if (index !== 0) return;
    if (!standing.initialized) standing.decide({ shards: configured });
    if (standing.agreed.id === undefined && standing.decide({ id: crypto.randomUUID() }))
      this.#tellAllLater();
  }

  /** It does not know yet what is paused. */
  get uninitialized(): boolean {
    return this.#index !== 0 && !this.#standing.initialized;
  }

  /** Somebody does not know yet what they should. */
  get unfinished(): boolean {
    return this.uninitialized || this.#standing.untold.length > 0;
  }

  /** How many shards there are: the most that were ever configured. */
  get shards(): number {
    return Math.max(this.#configured, this.#standing.agreed.shards);
  }

  /** Shard 0's: there shall be so many, if there are not more. */
  async join(shards: number): Promise<ClusterState> {
    if (shards > this.#standing.agreed.shards) await this.#decide({ shards });
    return this.#standing.agreed;
  }

  /** Shard 0's: pauses, resumes or disables a destination everywhere. */
  async steer(destination: string, action: Steering): Promise<void> {
    const { paused, disabled, resumed = {} } = this.#standing.agreed;
    const without = (names: string[]) => names.filter((name) => name !== destination);
    if (action === "pause") await this.#decide({ paused: [...without(paused), destination] });
    if (action === "disable") await this.#decide({ disabled: [...without(disabled), destination] });
    const free = { paused: without(paused), disabled: without(disabled) };
    if (action === "resume")
      await this.#decide({
        ...free,
        resumed: { ...resumed, [destination]: (resumed[destination] ?? 0) + 1 },
      });
    if (action === "forget") {
      const { [destination]: _, ...others } = resumed;
      await this.#decide({ ...free, resumed: others });
    }
  }

  learn(agreed: ClusterState): void {
    const before = this.#standing.agreed;
    this.#standing.take(agreed);
    this.#changed(newlyResumed(before, this.#standing.agreed));
  }

  /** A destination has answered 410: it is disabled here at once, and everywhere soon. */
  async disable(destination: string): Promise<void> {
    if (this.#standing.agreed.disabled.includes(destination)) return;
    if (this.#index === 0) return this.steer(destination, "disable");
    this.#standing.disable(destination);
    this.#standing.tell([0]);
    await this.tell();
  }

  /** Tells others what they should know, and asks what we should. Fails if shard 0 does not answer a newborn. */
  async tell(): Promise<void> {
    if (this.uninitialized) this.learn(await this.#peer(0).join(this.#configured));
    const { agreed, untold } = this.#standing;
    const told = await Promise.allSettled(
      untold.map(async (shard) => {
        if (shard !== 0) return this.#peer(shard).learn(agreed);
        for (const destination of agreed.disabled) await this.#peer(0).steer(destination, "disable");
      }),
    );
    // What was decided meanwhile is told by its own call.
    if (this.#standing.agreed.version !== agreed.version) return;
    const missed = untold.filter((_, index) => told[index]!.status === "rejected");
    this.#standing.tell(
      this.#standing.untold.filter((shard) => !untold.includes(shard) || missed.includes(shard)),
    );
  }

  async #decide(change: Partial<Omit<ClusterState, "version">>): Promise<void> {
    const before = this.#standing.agreed;
    if (!this.#standing.decide(change)) return;
    this.#changed(newlyResumed(before, this.#standing.agreed));
    this.#tellAllLater();
    await this.tell();
  }

  #tellAllLater(): void {
    this.#standing.tell(Array.from({ length: this.#standing.agreed.shards - 1 }, (_, index) => index + 1));
  }
}

function newlyResumed(before: ClusterState, { resumed = {} }: ClusterState): string[] {
  return Object.keys(resumed).filter((name) => resumed[name] !== before.resumed?.[name]);
}
