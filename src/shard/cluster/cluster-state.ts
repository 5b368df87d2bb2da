/** The state that all shards share: how many there are, which destinations are paused or disabled. */
export interface ClusterState {
  /** Grows with every change. */
  version: number;
  /** This gateway's own name in the header `tim-relay-loop`. */
  id?: string;
  shards: number;
  paused: string[];
  /** Answered 410, and were not resumed since. */
  disabled: string[];
  /** How often each destination was resumed: a shard that sees the number grow ends its holds. */
  resumed?: Record<string, number>;
}
