/**
 * The filters of all viewers, as a shard knows them. Viewers are connected to shard 0. Another shard keeps the filters
 * in a row: so it goes on feeding them after an eviction. The answer to its next feed tells it that nothing is watched
 * any more: a stale interest costs one request.
 *
 * Rows written, in `standing`: 1 when the filters change; none on shard 0, which finds them with its sockets.
 */
import type { ShardMetadata } from "../cluster/metadata.ts";
import { filterKey, type Matcher, matcherOf, type TailFilter } from "./filter.ts";

/** The filters of all viewers, each once. */
export interface Watched {
  /** Grows with every change; a later one wins. */
  version: number;
  filters: TailFilter[];
}

const nothing: Watched = { version: 0, filters: [] };

export class Interest {
  readonly #metadata: Pick<ShardMetadata, "read" | "write"> | null;
  #held: Watched;
  #matchers: readonly Matcher[];

  /** @param metadata null: the filters are not kept */
  constructor(metadata: Pick<ShardMetadata, "read" | "write"> | null) {
    this.#metadata = metadata;
    this.#held = metadata?.read("watched") ?? nothing;
    this.#matchers = this.#held.filters.map(matcherOf);
  }

  get version(): number {
    return this.#held.version;
  }

  get matchers(): readonly Matcher[] {
    return this.#matchers;
  }

  /** Takes over the filters, unless later ones are known. */
  take(watched: Watched): void {
    if (watched.version <= this.#held.version) return;
    const keys = (filters: readonly TailFilter[]) => filters.map(filterKey).join();
    const changes = keys(watched.filters) !== keys(this.#held.filters);
    if (changes) this.#metadata?.write({ watched });
    this.#held = watched;
    if (changes) this.#matchers = watched.filters.map(matcherOf);
  }
}
