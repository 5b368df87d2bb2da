/** The programs that listen in a simulation, one after another for each rule. Each connects to shard 0. */
import type { Receiver } from "../../src/shard/presence.ts";
import { Asks } from "./asks.ts";
import type { SimulatedGateway } from "./gateway.ts";
import { ListenedPosts } from "./listened-posts.ts";
import { type Departure, type ListenedRule, listenedRules, SimulatedListener } from "./listener.ts";
import type { SimulatedSocket } from "./sockets.ts";

/** A steady listener connects again after this time, and then after doubled ones up to the longest. Milliseconds. */
const comesBackAfterMs = { first: 300, longest: 600_000 };

export class SimulatedListeners {
  readonly posts: ListenedPosts;
  readonly asks: Asks;
  readonly #gateway: SimulatedGateway;
  readonly #all: SimulatedListener[] = [];
  /** Rules whose listener comes back by itself when its connection has ended, and those that it is about to come back for. */
  readonly #steady = new Set<ListenedRule>();
  readonly #coming = new Set<ListenedRule>();

  constructor(gateway: SimulatedGateway) {
    this.#gateway = gateway;
    this.posts = new ListenedPosts(gateway);
    this.asks = new Asks(gateway, () => this.#of("judge"));
  }

  #of(rule: ListenedRule): SimulatedListener[] {
    return this.#all.filter((listener) => listener.rule === rule);
  }

  #connected(rule: ListenedRule): SimulatedListener[] {
    return this.#of(rule).filter(({ connected }) => connected);
  }

  /** Connects a listener, as the API does, which refuses it where no right rule has the name. */
  async connect(rule: ListenedRule, pings: boolean): Promise<void> {
    const gateway = this.#gateway;
    if (!gateway.wanting.includes("listened")) return;
    if (rule === "listened" && ["wrong", "removed"].includes(gateway.rule(rule))) return;
    const answering = rule === "judge" ? this.asks : this.posts;
    const listener = new SimulatedListener(gateway, rule, answering, pings, () => this.#comeBack(rule));
    this.#all.push(listener);
    const asked = new Request(`http://shard/listen?${new URLSearchParams({ rule })}`);
    const answer = await gateway.ask(0, async (shard) => {
      const { webSocket } = await shard.fetch(asked);
      if (webSocket) listener.accepted(webSocket as unknown as SimulatedSocket);
      return webSocket;
    });
    if (answer === null) listener.leave();
  }

  /** Asks for so many verdicts at once. @param comes a listener for them has come before */
  async ask(times: number, comes: boolean): Promise<void> {
    if (comes && this.#connected("judge").length === 0) await this.connect("judge", true);
    await Promise.all(Array.from({ length: times }, () => this.asks.ask()));
  }

  /** The listener that is there goes. */
  depart(rule: ListenedRule, how: Departure): void {
    this.#steady.delete(rule);
    for (const listener of this.#connected(rule))
      if (how === "leaves") listener.leave();
      else listener.vanish();
  }

  /** The listener that is there sends wrong frames. */
  babble(rule: ListenedRule, frames: number): void {
    for (const listener of this.#connected(rule)) listener.babble(frames);
  }

  /** From now on a listener comes back whenever its connection has ended. */
  stay(rule: ListenedRule): void {
    this.#steady.add(rule);
    this.#comeBack(rule, 0);
  }

  #comeBack(rule: ListenedRule, afterMs = comesBackAfterMs.first): void {
    if (!this.#steady.has(rule) || this.#coming.has(rule)) return;
    this.#coming.add(rule);
    const again = Math.min(2 * afterMs + comesBackAfterMs.first, comesBackAfterMs.longest);
    const come = async () => {
      if (this.#connected(rule).length === 0) await this.connect(rule, true);
      this.#coming.delete(rule);
      if (this.#connected(rule).length === 0) this.#comeBack(rule, again);
    };
    this.#gateway.timeline.after(afterMs, () => {
      if (this.#steady.has(rule)) void come();
      else this.#coming.delete(rule);
    });
  }

  /** Shards that say otherwise of the receiver that their events wait for. */
  async disagreement(awaits: Receiver | undefined): Promise<string[]> {
    const gateway = this.#gateway;
    const wrong: string[] = [];
    for (const [index, object] of gateway.shards.entries()) {
      if (!object) continue;
      const asked = gateway.ask(index, (shard) => shard.destinations());
      await gateway.timeline.until(asked, 60_000);
      const report = (await asked)?.find(({ name }) => name === "listened");
      if (!report) wrong.push(`${object.name} does not report listened`);
      else if (report.awaits !== awaits && (!awaits || report.waiting + report.retrying > 0))
        wrong.push(
          `${object.name} awaits ${report.awaits ?? "nobody"} for listened, not ${awaits ?? "nobody"}`,
        );
    }
    return wrong;
  }

  /** Broken promises of connections, as sentences. */
  *complaints(): Iterable<string> {
    for (const rule of listenedRules) {
      for (const [number, listener] of this.#of(rule).entries())
        for (const sentence of listener.broken()) yield `listener ${number} for ${rule} ${sentence}`;
      const { length } = this.#connected(rule);
      if (length > 1) yield `${length} listeners for ${rule} are connected`;
    }
    yield* this.asks.complaints;
  }
}
