/** The list of events of a filter: its first page, events of the tail, and older pages when asked for. */
import { batch, signal } from "@preact/signals";
import type { ApiError, Client, Event, TailLine } from "../../client/index.js";
import { failureOf } from "../failure.ts";
import { signOut } from "../session.ts";
import { type Filter, isTailed, queryOf } from "./filter.ts";
import { mostEvents, withEvents, withLines } from "./newest.ts";

/** `still`: the filter ends in the past, so that nothing new can come. */
export type Feeding = "loading" | "live" | "reconnecting" | "still" | "failed";

/** Waits between attempts to connect, milliseconds; the last one repeats. */
const waits = [300, 1_000, 2_000, 5_000, 10_000];
const pageSize = 100;
/** Where the tail only tells that something is new, the list is asked for at most this often, milliseconds. */
const askEveryMs = 1_000;
/** Lines that may wait for the next frame. */
const mostWaiting = 1_000;
/** A gateway that has nothing yet is asked for the events of the moment in which the tail is opened. */
const seam = "1m";

export class Feed {
  readonly events = signal<readonly Event[]>([]);
  readonly state = signal<Feeding>("loading");
  readonly failure = signal<ApiError | null>(null);
  /** Whether older events can be asked for. */
  readonly hasMore = signal(false);
  readonly #relay: Client;
  readonly #filter: Filter;
  readonly #ending = new AbortController();
  #cursor: string | null = null;
  #lines: TailLine[] = [];
  #frame = 0;
  #asking: Promise<void> | null = null;
  #timer = 0;

  constructor(relay: Client, filter: Filter) {
    this.#relay = relay;
    this.#filter = filter;
  }

  /** Runs until `stop`. */
  async start(): Promise<void> {
    for (let failures = 0; !this.#ending.signal.aborted; failures++) {
      try {
        await this.#catchUp();
        if (this.#filter.until !== undefined) {
          this.state.value = "still";
          return;
        }
        await this.#follow(() => {
          failures = -1;
        });
      } catch (error) {
        if (this.#ending.signal.aborted) return;
        const failure = failureOf(error);
        if (failure.status === 401) return signOut(failure);
        this.failure.value = failure;
        // A wrong filter stays wrong.
        if (failure.status === 400 || failure.status === 403) {
          this.state.value = "failed";
          return;
        }
      }
      this.state.value = "reconnecting";
      await this.#rest(waits[Math.min(Math.max(failures, 0), waits.length - 1)]!);
    }
  }

  stop(): void {
    this.#ending.abort();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
  }

  /** The next older page. A page may be empty although older events fit: the search has a budget a request. */
  more(): Promise<void> {
    this.#asking ??= this.#older()
      .catch((error) => {
        // Scrolling would ask again and again.
        this.hasMore.value = false;
        if (!this.#ending.signal.aborted) this.failure.value = failureOf(error);
      })
      .finally(() => {
        this.#asking = null;
      });
    return this.#asking;
  }

  async #older(): Promise<void> {
    const known = this.events.value.length;
    while (this.#cursor !== null && this.events.value.length === known && !this.#ending.signal.aborted) {
      const { events, cursor } = await this.#page(this.#cursor);
      this.#show(events, cursor);
    }
  }

  /** The newest page; after an interruption as many as were missed, as far as they are shown. */
  async #catchUp(): Promise<void> {
    const newest = this.events.value[0]?.id;
    const first = await this.#page(null);
    if (newest === undefined) {
      this.#show(first.events, first.cursor);
      if (first.events.length === 0) await this.more();
      return;
    }
    let { events, cursor } = first;
    this.events.value = withEvents(this.events.value, events);
    for (let got = events.length; cursor !== null && got < mostEvents; got += events.length) {
      if (events.some(({ id }) => id === newest)) return;
      ({ events, cursor } = await this.#page(cursor));
      this.events.value = withEvents(this.events.value, events);
    }
  }

  #show(events: readonly Event[], cursor: string | null): void {
    this.#cursor = this.events.value.length + events.length >= mostEvents ? null : cursor;
    batch(() => {
      this.events.value = withEvents(this.events.value, events);
      this.hasMore.value = this.#cursor !== null;
      this.failure.value = null;
    });
  }

  async #page(cursor: string | null) {
    const query = { ...queryOf(this.#filter), limit: pageSize, ...(cursor !== null && { cursor }) };
    const page = await this.#relay.get("/api/events", { query, signal: this.#ending.signal });
    return { ...page, events: page.events.filter((event) => this.#fits(event)) };
  }

  /** A destination narrows the list here: an event carries the states of all its deliveries. */
  #fits({ destinations }: Event): boolean {
    const { destination, state } = this.#filter;
    if (destination === undefined) return true;
    const own = destinations[destination];
    return own !== undefined && (state === undefined || own === state);
  }

  async #follow(opened: () => void): Promise<void> {
    const { command, conversation, account, destination } = this.#filter;
    const query = {
      command,
      conversation,
      account,
      destination,
      since: this.events.value[0]?.receivedAt ?? seam,
    };
    const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
    const onOpen = () => {
      opened();
      batch(() => {
        this.state.value = "live";
        this.failure.value = null;
      });
    };
    const tail = this.#relay.tail(given, { signal: this.#ending.signal, onOpen });
    for await (const line of tail) {
      // The tail is opened again where the list ends: so nothing is missed.
      if (line.type === "gap") return;
      this.#lines.push(line);
      // A hidden page draws no frames.
      if (this.#lines.length >= mostWaiting) this.#flush();
      else this.#frame ||= requestAnimationFrame(() => this.#flush());
    }
  }

  /** Once a frame at most: a busy gateway tells of many events in one. */
  #flush(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const lines = this.#lines;
    this.#lines = [];
    if (isTailed(this.#filter)) {
      const fitting = lines.filter((line) => line.type !== "event" || this.#fits(line.event));
      this.events.value = withLines(this.events.value, fitting);
    } else {
      // Whether a new event fits is known to the gateway alone; a delivery of a shown one needs no question.
      this.events.value = withLines(
        this.events.value,
        lines.filter((line) => line.type !== "event"),
      );
      if (lines.some((line) => line.type === "event")) this.#askSoon();
    }
  }

  /** Once a second at most, however many events come. */
  #askSoon(): void {
    this.#timer ||= setTimeout(async () => {
      await this.#catchUp().catch(() => {});
      this.#timer = 0;
    }, askEveryMs);
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#ending.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
