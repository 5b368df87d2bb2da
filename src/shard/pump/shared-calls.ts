/**
 * Posts through the stateless entrypoint. A call of it takes nearly as much processor time as a post, so posts that begin
 * together share one.
 */
import type { Message } from "../../delivery/message.ts";
import type { Outcome } from "../../delivery/outcome.ts";
import type { Clock } from "../clock.ts";
import type { PartialOutcomes } from "./partial-outcomes.ts";

/** As many posts as an invocation has connections. */
const mostPosts = 6;

/** The entrypoint. */
export interface PostCalls {
  /** Makes several posts at once. */
  post(messages: readonly Message[]): Promise<PartialOutcomes>;
}

interface Waiting extends Pick<PromiseWithResolvers<Outcome>, "resolve" | "reject"> {
  readonly message: Message;
}

export class SharedCalls {
  readonly #courier: PostCalls;
  readonly #clock: Pick<Clock, "after">;
  #waiting: Waiting[] = [];
  #callOff = () => {};

  constructor(courier: PostCalls, clock: Pick<Clock, "after">) {
    this.#courier = courier;
    this.#clock = clock;
  }

  /** One POST, in the next call. */
  post(message: Message): Promise<Outcome> {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    this.#waiting.push({ message, resolve, reject });
    if (this.#waiting.length === mostPosts) this.#call();
    else if (this.#waiting.length === 1) this.#callOff = this.#clock.after(0, () => this.#call());
    return promise;
  }

  #call(): void {
    const posts = this.#waiting;
    this.#waiting = [];
    this.#callOff();
    const call = async () => this.#courier.post(posts.map(({ message }) => message));
    this.#settle(posts, call()).catch((error) => {
      for (const { reject } of posts) reject(error);
    });
  }

  /** Each outcome goes to its post as it comes. */
  async #settle(posts: readonly Waiting[], call: Promise<PartialOutcomes>): Promise<void> {
    const partial = await call;
    try {
      for (const [index, outcome] of partial.outcomes) posts[index]!.resolve(outcome);
      if (partial.later) await this.#settle(posts, partial.later());
    } finally {
      partial[Symbol.dispose]?.();
    }
  }
}
