/**
 * The live tail. Viewers are connected to shard 0: their sockets hold the filters. The other shards hear of these, and
 * feed shard 0. While there is no viewer, no shard makes a request, writes a row or sets a timer for it.
 */
import type { Clock } from "../clock.ts";
import { StopTime } from "../stop-time.ts";
import { againstPolicy, readAck } from "./ack.ts";
import type { Batch, Feeding, TailFeed } from "./feed.ts";
import { filterKey } from "./filter.ts";
import { History } from "./history.ts";
import type { Watched } from "./interest.ts";
import type { PageQuery, TailPage, TailPages } from "./page.ts";
import type { Socket, TailQuery } from "./viewer.ts";
import type { Viewers } from "./viewers.ts";

/** Viewers at a time. */
export const mostViewers = 100;

/** The calls of one shard to another. */
export interface TailPeer {
  /** To another shard: these filters are watched. */
  watch(watched: Watched): Promise<Feeding>;
  /** To shard 0. Answers the filters that are watched. */
  feed(shard: number, batch: Batch): Promise<Watched>;
  /** To another shard: a page of its journal. */
  tailPage(query: PageQuery): Promise<TailPage>;
}

/** All shards, as shard 0 reaches them. */
export interface Peers {
  shard(index: number): TailPeer;
}

const goingAway = 1001;

export class Tail {
  readonly #viewers: Viewers;
  readonly #feed: TailFeed;
  readonly #peers: Peers;
  readonly #shards: { readonly shards: number };
  readonly #clock: Clock;
  readonly #history: History;
  /** Requests that are not connected yet. */
  readonly #pending = new Set<TailQuery>();
  /** By other shard: the filters that it was told last. */
  readonly #told = new Map<number, Watched>();
  #watched: Watched;
  readonly #stop: StopTime;

  /** @param shards how many there are */
  constructor(
    viewers: Viewers,
    { feed, pages }: { feed: TailFeed; pages: TailPages },
    peers: Peers,
    shards: { readonly shards: number },
    clock: Clock,
    retentionMs: number,
  ) {
    this.#viewers = viewers;
    this.#feed = feed;
    this.#peers = peers;
    this.#shards = shards;
    this.#clock = clock;
    this.#stop = new StopTime(clock);
    this.#watched = { version: clock.now(), filters: [] };
    const page = (shard: number, query: PageQuery) =>
      shard === 0 ? pages.page(query, clock.now() - retentionMs) : peers.shard(shard).tailPage(query);
    this.#history = new History(viewers, { page }, clock);
    if (viewers.all.length === 0) return;
    // The object was evicted while viewers were connected.
    feed.watch(this.#look());
    void this.#history.run();
  }

  /** The filters that are watched now: a new version, if they have changed. */
  #look(): Watched {
    const filters = new Map(this.#viewers.filters.map((filter) => [filterKey(filter), filter]));
    for (const { filter } of this.#pending) filters.set(filterKey(filter), filter);
    const { version, filters: before } = this.#watched;
    if ([...filters.keys()].join() !== before.map(filterKey).join())
      this.#watched = { version: version + 1, filters: [...filters.values()] };
    return this.#watched;
  }

  /** Whether no further viewer can be connected now. */
  get full(): boolean {
    return this.#stop.lasts || this.#viewers.all.length + this.#pending.size >= mostViewers;
  }

  /**
   * Connects a viewer, once all shards feed its filter. Fails if a shard does not answer.
   * @param accept makes the socket
   */
  async connect(query: TailQuery, accept: () => Socket): Promise<void> {
    this.#pending.add(query);
    try {
      const positions = await this.#subscribe(filterKey(query.filter));
      this.#viewers.add(accept(), query, positions);
    } finally {
      this.#pending.delete(query);
    }
    void this.#history.run();
  }

  /** Makes every shard feed a filter. Answers from where each does. */
  async #subscribe(key: string): Promise<number[]> {
    const own = this.#feed.watch(this.#look()).from;
    const others = Array.from({ length: this.#shards.shards - 1 }, async (_, index) => {
      const shard = index + 1;
      const told = this.#told.get(shard)?.filters.map(filterKey) ?? [];
      return told.includes(key) ? this.#viewers.fedTo(shard) : this.#tell(shard);
    });
    return [own, ...(await Promise.all(others))];
  }

  /** Tells another shard the filters that are watched. */
  async #tell(shard: number): Promise<number> {
    const watched = this.#look();
    const { version, from } = await this.#peers.shard(shard).watch(watched);
    if (version > watched.version) {
      // The clock was set back: the shard holds on to an older interest.
      this.#watched = { ...this.#watched, version: Math.max(this.#watched.version, version + 1) };
      return this.#tell(shard);
    }
    // A later call may have been answered before this one.
    if ((this.#told.get(shard)?.version ?? 0) <= watched.version) this.#told.set(shard, watched);
    this.#viewers.fedFrom(shard, from);
    return from;
  }

  /** A viewer has sent a message. */
  message(socket: Socket, message: string | ArrayBuffer): void {
    const viewer = this.#viewers.of(socket);
    if (!viewer) return;
    const ack = readAck(message);
    if (typeof ack !== "number") {
      viewer.close(ack.code, ack.reason);
      return;
    }
    if (!viewer.acknowledge(ack)) {
      viewer.close(againstPolicy, `{"ack": ${ack}} is more frames than were sent`);
      return;
    }
    viewer.sendGap(this.#clock.now());
    this.#viewers.saveSoon();
    this.#history.acknowledged(viewer);
    void this.#history.run();
  }

  /** A viewer is gone. Shards that do not hear of it now are told when they feed next. */
  async closed(socket: Socket): Promise<void> {
    this.#viewers.remove(socket);
    const watched = this.#look();
    this.#feed.watch(watched);
    const untold = [...this.#told].filter(([, { version }]) => version < watched.version);
    await Promise.allSettled(untold.map(([shard]) => this.#tell(shard)));
  }

  /** Another shard has something to tell the viewers. */
  async take(shard: number, batch: Batch): Promise<Watched> {
    this.#viewers.take(shard, batch);
    void this.#history.run();
    return this.#look();
  }

  /** Before the process ends. */
  stop(): void {
    this.#stop.begin();
    for (const viewer of this.#viewers.all)
      viewer.close(goingAway, "the gateway stops: connect again, with since");
  }
}
