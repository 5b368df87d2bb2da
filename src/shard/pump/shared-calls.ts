/**
 * Posts through the stateless entrypoint. A call of it takes nearly as much processor time as a post, so posts that begin
 * together share one.
 */
import type { Message } from "../../delivery/message.ts";
import { CallFailed } from "../../delivery/no-answer.ts";
import type { Outcome } from "../../delivery/outcome.ts";
import { log } from "../../log.ts";
import { LogLimit } from "../../log-limit.ts";
import type { Clock } from "../clock.ts";
import type { PartialOutcomes } from "./partial-outcomes.ts";

/** As many posts as an invocation has connections. */
const mostPosts = 6;

const failed = new LogLimit();

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
    const posts = new Map(this.#waiting.entries());
    this.#waiting = [];
    this.#callOff();
    const call = async () => this.#courier.post([...posts.values()].map(({ message }) => message));
    this.#settle(posts, call()).catch((error) => {
      failed.write(log.error, "posting failed", { posts: posts.size, error: String(error) });
      // One fault of ours must not look like six of the same destination.
      const counted = new Set<string>();
      for (const { message, reject } of posts.values()) {
        reject(new CallFailed(!counted.has(message.rule)));
        counted.add(message.rule);
      }
    });
  }

  /** Each outcome goes to its post as it comes. @param open the posts without an outcome, by their index */
  async #settle(open: Map<number, Waiting>, call: Promise<PartialOutcomes>): Promise<void> {
    const partial = await call;
    try {
      for (const [index, outcome] of partial.outcomes) {
        open.get(index)!.resolve(outcome);
        open.delete(index);
      }
      if (partial.later) await this.#settle(open, partial.later());
    } finally {
      partial[Symbol.dispose]?.();
    }
  }
}
