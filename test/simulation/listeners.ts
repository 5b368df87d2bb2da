/**
 * The programs that listen for a destination of a simulation, one after another. Each connects to shard 0, gets requests
 * as frames, and answers as its destination is told to.
 */
import type { FramedRequest } from "../../src/delivery/frame.ts";
import { type Outcome, unanswered } from "../../src/delivery/outcome.ts";
import { carry } from "../../src/delivery/transports/transports.ts";
import type { Receiver } from "../../src/shard/presence.ts";
import type { SimulatedDestination } from "./destination.ts";
import type { SimulatedGateway } from "./gateway.ts";
import type { SimulatedObject } from "./object.ts";
import type { Client, SimulatedSocket } from "./sockets.ts";
import type { Post } from "./surroundings.ts";

/** How a listener goes: it closes its connection, or falls silent and leaves it half open. */
export const departures = ["leaves", "vanishes"] as const;
export type Departure = (typeof departures)[number];

const name = "listened";

/** A listener that pings does so as often as this. Milliseconds. */
const pingEveryMs = 10_000;

/** A steady listener sees as late as this that its connection has ended. Milliseconds. */
const noticedWithinMs = 5_000;

/** A listener whose place is taken is told as soon as this. Milliseconds. */
const toldWithinMs = 2_000;

/** The close code that tells of another listener. */
const takenOver = 4000;

/** A header that names the post whose request a frame carries. */
const postHeader = "simulated-post";

type Frame = (FramedRequest & { kind: "event" }) | { kind: "replaced" | "error" };

/** A listener as it sees its connection. */
class SimulatedListener implements Client {
  /** Whether it was told that another listener has its place, and what came after that. */
  replaced = false;
  readonly late: string[] = [];
  readonly #gateway: SimulatedGateway;
  readonly #posts: ListenedPosts;
  readonly #pings: boolean;
  #socket: SimulatedSocket | null = null;
  #left = false;
  #vanishedAt: number | null = null;

  constructor(gateway: SimulatedGateway, posts: ListenedPosts, pings: boolean) {
    this.#gateway = gateway;
    this.#posts = posts;
    this.#pings = pings;
  }

  get connected(): boolean {
    return !this.#gone && this.#socket?.readyState === 1;
  }

  /** Whether its place was taken, and nothing kept that from being told. */
  get mustKnow(): boolean {
    if (this.#vanishedAt !== null || this.#socket?.closedWith?.code !== takenOver) return false;
    const { closedWith, object, readyState } = this.#socket;
    const until = closedWith.at + toldWithinMs;
    if (readyState === 3 || this.#gateway.timeline.now <= until) return false;
    return !object!.deaths.some((at) => at >= closedWith.at && at <= until);
  }

  get #gone(): boolean {
    return this.#left || this.#vanishedAt !== null;
  }

  /** The platform has taken the connection. */
  accepted(socket: SimulatedSocket): void {
    const { timeline } = this.#gateway;
    this.#socket = socket;
    socket.viewer = this;
    const since = timeline.now;
    if (this.#pings)
      socket.pingedAt = () => {
        const lasted = (this.#vanishedAt ?? timeline.now) - since;
        return since + Math.floor(lasted / pingEveryMs) * pingEveryMs;
      };
    if (this.#left) this.#close();
  }

  receive(text: string): void {
    if (this.#vanishedAt !== null) return;
    const frame: Frame = JSON.parse(text);
    if (frame.kind === "replaced") this.replaced = true;
    // An error says that nothing waited for an answer any more.
    if (frame.kind !== "event") return;
    if (this.replaced) this.late.push(frame.id);
    if (!this.#left) this.#answer(frame).catch(() => {});
  }

  async #answer({ id, headers, body }: FramedRequest): Promise<void> {
    const { timeline, chance, destinations } = this.#gateway;
    const destination = destinations.get(name)!;
    await timeline.wait(chance.between(0, 20));
    if (this.#gone || destination.behaviour === "hanging") return;
    const answer = destination.answer();
    this.#posts.arrived(destination, Number(headers[postHeader]), body, answer.status === 200);
    if (chance.happens(0.01)) return;
    await timeline.wait(chance.between(0, 20));
    if (this.#gone) return;
    const message = JSON.stringify({ id, ...answer });
    this.#tell((object, socket) => object.call((shard) => shard.webSocketMessage(socket, message)));
  }

  /** Closes the connection, which may not be there yet. The other end may have closed it. */
  leave(): void {
    if (this.#gone) return;
    this.#left = true;
    this.#close();
  }

  /** Falls silent: its end of the connection is gone. */
  vanish(): void {
    if (this.#socket) this.#vanishedAt ??= this.#gateway.timeline.now;
    else this.leave();
  }

  #close(): void {
    this.#tell(async (object, socket) => {
      if (this.#socket!.readyState === 1) this.#socket!.readyState = 2;
      object.forget(this.#socket!);
      await object.call((shard) => shard.webSocketClose(socket, 1000, ""));
    });
  }

  /** A message of the listener arrives some milliseconds later. */
  #tell(arrive: (object: SimulatedObject, socket: WebSocket) => Promise<void>): void {
    const { timeline, chance } = this.#gateway;
    timeline.after(chance.between(0, 5), () => {
      const socket = this.#socket;
      if (socket?.object && socket.readyState < 3)
        arrive(socket.object, socket as unknown as WebSocket).catch(() => {});
    });
  }
}

/** The posts that are carried to a listener: a post is taken once its listener's answer has come back. */
class ListenedPosts {
  readonly #posts: { post: Post; ended: boolean }[] = [];

  /** Answers the number of a post. */
  begin(post: Post): number {
    return this.#posts.push({ post, ended: false }) - 1;
  }

  /** The event of a post arrives. An answer to a post that has ended goes nowhere. */
  arrived(destination: SimulatedDestination, number: number, body: string, taken: boolean): void {
    const { post, ended } = this.#posts[number]!;
    destination.arrive(post, [body], { taken, answerLost: ended });
  }

  /**
   * A post has ended. A shard that died had sent the event before: then the answer may be that to its frame, whose id is
   * the same.
   */
  end({ arrivals }: SimulatedDestination, number: number, { delivered }: Outcome): void {
    const one = this.#posts[number]!;
    one.ended = true;
    const own = arrivals.filter(({ post, taken }) => post === one.post && taken);
    if (!delivered) for (const arrival of own) arrival.answerLost = true;
    if (!delivered || own.length > 0) return;
    const { id } = JSON.parse(one.post.message.body) as { id: string };
    const earlier = arrivals.findLast((arrival) => arrival.id === id && arrival.taken);
    if (earlier) earlier.post = one.post;
  }
}

export class SimulatedListeners {
  readonly #gateway: SimulatedGateway;
  readonly #posts = new ListenedPosts();
  readonly #all: SimulatedListener[] = [];
  /** Whether a listener comes back by itself when its connection has ended. */
  #steady = false;

  constructor(gateway: SimulatedGateway) {
    this.#gateway = gateway;
  }

  get connected(): readonly SimulatedListener[] {
    return this.#all.filter(({ connected }) => connected);
  }

  /** Connects a listener, as the API does, which refuses it where no right rule has the name. */
  async connect(pings: boolean): Promise<void> {
    const gateway = this.#gateway;
    if (!gateway.wanting.includes(name) || ["wrong", "removed"].includes(gateway.rule(name))) return;
    const listener = new SimulatedListener(gateway, this.#posts, pings);
    this.#all.push(listener);
    const asked = new Request(`http://shard/listen?${new URLSearchParams({ rule: name })}`);
    const answer = await gateway.ask(0, async (shard) => {
      const { webSocket } = await shard.fetch(asked);
      if (webSocket) listener.accepted(webSocket as unknown as SimulatedSocket);
      return webSocket;
    });
    if (answer === null) listener.leave();
  }

  /** The listener that is there goes. */
  depart(how: Departure): void {
    this.#steady = false;
    for (const listener of this.connected)
      if (how === "leaves") listener.leave();
      else listener.vanish();
  }

  /** From now on a listener comes back whenever its connection has ended. */
  goOn(): void {
    if (this.#steady) return;
    this.#steady = true;
    const again = () => {
      if (!this.#steady) return;
      const next = () => this.#gateway.timeline.after(noticedWithinMs, again);
      if (this.connected.length > 0) next();
      else this.connect(true).then(next, next);
    };
    again();
  }

  /** Carries a message through the gateway's own transport. */
  async carry(post: Post): Promise<Outcome> {
    const { message, object, listeners } = post;
    const now = () => object.now();
    const at = now();
    const number = this.#posts.begin(post);
    const marked = {
      exchange: (rule: string, request: FramedRequest) =>
        listeners!.exchange(rule, { ...request, headers: { ...request.headers, [postHeader]: `${number}` } }),
    };
    const { signal } = new AbortController();
    const attempt = { at, now, signal, secrets: [], env: {}, fetcher: fetch, listeners: marked };
    const outcome = await carry(message, attempt).catch((error: unknown) => unanswered(error, at, now()));
    this.#posts.end(this.#gateway.destinations.get(name)!, number, outcome);
    return outcome;
  }

  /** Shards that say otherwise of the receiver that their events wait for. */
  async disagreement(awaits: Receiver | undefined): Promise<string[]> {
    const gateway = this.#gateway;
    const wrong: string[] = [];
    for (const [index, object] of gateway.shards.entries()) {
      if (!object) continue;
      const asked = gateway.ask(index, (shard) => shard.destinations());
      await gateway.timeline.until(asked, 60_000);
      const report = (await asked)?.find((one) => one.name === name);
      if (!report) wrong.push(`${object.name} does not report ${name}`);
      else if (report.awaits !== awaits && (!awaits || report.waiting + report.retrying > 0))
        wrong.push(
          `${object.name} awaits ${report.awaits ?? "nobody"} for ${name}, not ${awaits ?? "nobody"}`,
        );
    }
    return wrong;
  }

  /** Broken promises of connections, as sentences. */
  *complaints(): Iterable<string> {
    for (const [number, { mustKnow, replaced, late }] of this.#all.entries()) {
      if (mustKnow && !replaced) yield `listener ${number} was not told that another one has taken over`;
      if (late.length > 0) yield `listener ${number} was sent ${late} after another one had taken over`;
    }
    if (this.connected.length > 1) yield `${this.connected.length} listeners are connected`;
  }
}
