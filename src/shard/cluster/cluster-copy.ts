/**
 * A shard's copy of the state that all shards share. Shard 0 decides that state; each other shard gets it when it
 * starts for the first time and after every change.
 */
import type { ClusterState } from "./cluster-state.ts";
import type { ShardMetadata } from "./metadata.ts";

export class ClusterCopy {
  readonly #metadata: ShardMetadata;
  #state: ClusterState | null;
  #pending: readonly number[];

  constructor(metadata: ShardMetadata) {
    this.#metadata = metadata;
    this.#state = metadata.read("agreed");
    this.#pending = metadata.read("untold") ?? [];
  }

  /** Whether a state was ever kept here. */
  get initialized(): boolean {
    return this.#state !== null;
  }

  get state(): ClusterState {
    return this.#state ?? { version: 0, shards: 1, paused: [], disabled: [] };
  }

  /** Takes over a state, unless it is older than ours. */
  take(state: ClusterState): void {
    if (this.#state === null || state.version > this.#state.version) this.#keep(state, this.#pending);
  }

  /** Decides something, of which all other shards must hear: shard 0 alone does that. */
  decide(change: Partial<Omit<ClusterState, "version">>): void {
    const state = { ...this.state, ...change };
    if (this.initialized && JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#decided({ ...state, version: state.version + 1 });
  }

  /** Makes the state, with a change, later than a version that another shard holds: shard 0 alone does that. */
  overtake(version: number, change: Pick<ClusterState, "shards" | "disabled">): void {
    this.#decided({ ...this.state, ...change, version: version + 1 });
  }

  #decided(state: ClusterState): void {
    const others = Array.from({ length: state.shards - 1 }, (_, index) => index + 1);
    this.#keep(state, others);
  }

  /**
   * Disables a destination here, at once, and reports it to shard 0 later. The version stays: shard 0's next state wins.
   */
  disable(destination: string): void {
    const { disabled } = this.state;
    if (disabled.includes(destination)) return;
    this.#keep({ ...this.state, disabled: [...disabled, destination] }, [0]);
  }

  /** Shards that are still to be notified. */
  get pending(): readonly number[] {
    return this.#pending;
  }

  setPending(shards: readonly number[]): void {
    if (shards.join() === this.#pending.join()) return;
    this.#metadata.write({ untold: [...shards] });
    this.#pending = shards;
  }

  /**
   * The rows come first, and together. A state whose write fails must be told to no shard, and a written one to all.
   */
  #keep(state: ClusterState, pending: readonly number[]): void {
    const changes = pending.join() !== this.#pending.join();
    this.#metadata.write({ agreed: state, ...(changes && { untold: [...pending] }) });
    this.#state = state;
    this.#pending = pending;
  }
}
