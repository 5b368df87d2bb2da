/** Posts that are carried to a listener: a post is taken once its listener's answer has come back. */
import type { FramedRequest } from "../../src/delivery/frame.ts";
import { type Outcome, unanswered } from "../../src/delivery/outcome.ts";
import { carry } from "../../src/delivery/transports/transports.ts";
import { idsOf, type SimulatedDestination } from "./destination.ts";
import type { SimulatedGateway } from "./gateway.ts";
import type { Answering, SimulatedListener } from "./listener.ts";
import type { Post } from "./surroundings.ts";

/** A header that names the post whose request a frame carries. */
const postHeader = "simulated-post";

export class ListenedPosts implements Answering {
  readonly #gateway: SimulatedGateway;
  readonly #posts: { post: Post; ended: boolean }[] = [];

  constructor(gateway: SimulatedGateway) {
    this.#gateway = gateway;
  }

  get #destination(): SimulatedDestination {
    return this.#gateway.destinations.get("listened")!;
  }

  /** Answers as the destination is told to. */
  async take({ id, headers, body }: FramedRequest, listener: SimulatedListener): Promise<void> {
    const { timeline, chance } = this.#gateway;
    await timeline.wait(chance.between(0, 20));
    if (listener.gone || this.#destination.behaviour === "hanging") return;
    const answer = this.#destination.answer();
    const { post, ended } = this.#posts[Number(headers[postHeader])]!;
    // An answer to a post that has ended goes nowhere.
    this.#destination.arrive(post, [body], { taken: answer.status === 200, answerLost: ended });
    if (chance.happens(0.01)) return;
    await timeline.wait(chance.between(0, 20));
    if (!listener.gone) listener.answer(id, answer);
  }

  /** Carries a message through the gateway's own transport. */
  async carry(post: Post): Promise<Outcome> {
    const { message, object, listeners } = post;
    const now = () => object.now();
    const at = now();
    const number = this.#posts.push({ post, ended: false }) - 1;
    const marked = {
      exchange: (rule: string, request: FramedRequest) =>
        listeners!.exchange(rule, { ...request, headers: { ...request.headers, [postHeader]: `${number}` } }),
    };
    const { signal } = new AbortController();
    const attempt = { at, now, signal, secrets: [], env: {}, fetcher: fetch, listeners: marked };
    const outcome = await carry(message, attempt).catch((error: unknown) => unanswered(error, at, now()));
    this.#end(number, outcome);
    return outcome;
  }

  /**
   * A post has ended. A shard that died had sent the same events before: then the answer may be that to its frame, whose
   * id is the same.
   */
  #end(number: number, { delivered }: Outcome): void {
    const { arrivals } = this.#destination;
    const one = this.#posts[number]!;
    one.ended = true;
    const own = arrivals.filter(({ post, taken }) => post === one.post && taken);
    if (!delivered) for (const arrival of own) arrival.answerLost = true;
    if (!delivered || own.length > 0) return;
    for (const id of idsOf(one.post.message.body)) {
      const earlier = arrivals.findLast((arrival) => arrival.id === id && arrival.taken);
      if (!earlier) continue;
      // A clock that was set lets an event be kept twice. Then one answer may end both posts, which have one id.
      const isTold = this.#posts.some(
        ({ post, ended }) => ended && post === earlier.post && !earlier.answerLost,
      );
      if (isTold && one.post.object.clockMoved) arrivals.push({ ...earlier, post: one.post });
      else earlier.post = one.post;
    }
  }
}
