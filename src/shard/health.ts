/** Sentences about the problems of this shard, for `/health`. */
import { elapsed } from "../elapsed.ts";
import { type Sentence, say } from "../sentence.ts";
import { duplicateWindowMs } from "./append/recent.ts";
import type { Clock } from "./clock.ts";
import type { Coordinator } from "./cluster/coordinator.ts";
import type { DamagedRow, DamagedRows } from "./journal/damaged-rows.ts";
import { timeOf } from "./journal/position.ts";
import type { Progress } from "./journal/progress.ts";
import { nearlyFullBytes } from "./retention.ts";
import type { ShardStorage } from "./storage.ts";

/** Within this time a new shard has heard from shard 0, where all is well. Milliseconds. */
const initializedWithinMs = 5_000;

export class ShardHealth {
  readonly #storage: ShardStorage;
  readonly #damaged: DamagedRows;
  readonly #progress: Progress;
  readonly #coordinator: Coordinator;
  readonly #intake: { readonly recognisesFor: number };
  readonly #clock: Clock;
  readonly #startedAt: number;

  constructor(
    storage: ShardStorage,
    damaged: DamagedRows,
    progress: Progress,
    coordinator: Coordinator,
    intake: { readonly recognisesFor: number },
    clock: Clock,
  ) {
    this.#storage = storage;
    this.#damaged = damaged;
    this.#progress = progress;
    this.#coordinator = coordinator;
    this.#intake = intake;
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  /** Fails with the storage's error where only an operator can mend it: the Worker words it, for shards that cannot start too. */
  problems(): Sentence[] {
    const { shard, size, fault } = this.#storage;
    if (fault !== null) throw fault;
    const { uninitialized, shrunk, state } = this.#coordinator;
    const problems: Sentence[] = [];
    if (!this.#progress.canWrite())
      problems.push(
        say`shard ${shard} cannot write to its storage, which may be full: events are refused until it can`,
      );
    if (uninitialized && elapsed(this.#startedAt, this.#clock.now()) > initializedWithinMs)
      problems.push(say`shard ${shard} sends nothing before shard 0 has told it what is paused`);
    const { recognisesFor } = this.#intake;
    if (recognisesFor < duplicateWindowMs)
      problems.push(
        say`shard ${shard} recognises duplicates for ${Math.floor(recognisesFor / 1_000)} s only, not for ten minutes: more events come than it can remember`,
      );
    if (size > nearlyFullBytes)
      problems.push(
        say`shard ${shard} holds ${(size / 1e9).toFixed(1)} GB; at 8 GB it drops its oldest day early`,
      );
    if (this.#damaged.all.length > 0) problems.push(damageProblem(shard, this.#damaged.all));
    if (shrunk)
      problems.push(say`SHARDS is lower than before and is ignored: there are ${state.shards} shards`);
    return problems;
  }
}

function damageProblem(shard: number, rows: readonly DamagedRow[]): Sentence {
  const events = rows.reduce((sum, row) => sum + row.events, 0);
  const times = rows.map(({ position }) => timeOf(position));
  const [first, last] = [Math.min(...times), Math.max(...times)].map((ms) => new Date(ms).toISOString());
  const kept = first === last ? say`at ${first}` : say`from ${first} to ${last}`;
  const lost =
    events === 0
      ? say`deliveries of that time may be repeated`
      : say`${events === 1 ? say`1 event` : say`${events} events`} in them cannot be read`;
  return say`shard ${shard} passes over damaged rows of its storage, written ${kept}: ${lost}; a backup may hold them`;
}
