/** Asks the backends of a rule, and combines their answers within the deadline. Uses the runtime's timers. */
import type { BackendState } from "../callback/relay-events.ts";
import { messageFor } from "../delivery/message.ts";
import type { ListenerHost } from "../delivery/transports/transport.ts";
import type { AskRule } from "../rule/rule.ts";
import type { AskBreakers } from "./ask-breaker.ts";
import { type BackendAnswer, backendAnswer } from "./backend-answer.ts";
import { type CombinedAnswer, combine, isFinal } from "./combine.ts";
import type { EventCounter } from "./event-counter.ts";
import type { Question } from "./question.ts";

/** The context of a request that asks backends. */
export interface AskContext {
  /** The clock, Unix milliseconds. */
  now(): number;
  /** The time by which there must be a verdict, Unix milliseconds. */
  until: number;
  /** Keeps the request alive for work that its answer does not wait for, as `waitUntil` does. */
  aside(work: Promise<unknown>): void;
  breakers: AskBreakers;
  /** Counts events for limits. */
  counter: EventCounter;
  /** Names of rules that an operator has paused: they decide nothing. Absent: none. */
  paused?: ReadonlySet<string>;
  /** Tells of a backend that is down, answers again, or cannot be read. Absent: it is told nowhere. */
  tell?(news: BackendState): Promise<void>;
  /** The release, for `user-agent`. */
  version: string;
  /** The gateway's name in `tim-relay-loop`; null if it is not known yet. */
  id: string | null;
  /** Secrets that are masked in every reason. */
  secrets: readonly string[];
  /** The environment, which holds the bindings. */
  env: object;
  /** Absent: no listener can be asked. */
  listeners?: ListenerHost;
  /** Absent: the runtime's `fetch`. */
  fetcher?: typeof fetch;
}

/** Asks all backends of a rule at once. A refusal of everything wins at once; otherwise all backends must allow. */
export function ask(
  rule: AskRule,
  { event, answerSpec, body }: Question,
  context: AskContext,
): Promise<CombinedAnswer> {
  const { asks, deadlineMs } = rule;
  const at = context.now();
  const timeoutMs = Math.max(0, Math.min(deadlineMs, context.until - at));
  const stop = new AbortController();
  return new Promise((resolve) => {
    const end = (answer: CombinedAnswer) => {
      clearTimeout(timer);
      resolve(answer);
      stop.abort(new DOMException("The verdict is decided", "TimeoutError"));
    };
    const answers: BackendAnswer[] = [];
    const timer = setTimeout(() => {
      const late: BackendAnswer = {
        how: "timeout",
        reason: `no verdict within ${timeoutMs} ms`,
        alive: false,
      };
      end(combine([late, ...answers.filter((answer) => answer !== undefined)]));
    }, timeoutMs);
    let outstanding = asks.length;
    asks.forEach(async (address, index) => {
      const to = { ...rule, address, timeoutMs, template: null, succeeds: null, batch: null };
      const message = await messageFor(to, [event], at, context);
      const received = await backendAnswer(
        message,
        { answerSpec, body },
        {
          signal: stop.signal,
          now: context.now,
          secrets: context.secrets,
          env: context.env,
          listeners: context.listeners,
          fetcher: context.fetcher ?? fetch,
        },
      );
      answers[index] = received;
      outstanding--;
      if ("answer" in received && isFinal(received.answer, answerSpec, body)) end(received);
      else if (outstanding === 0) end(combine(answers));
    });
  });
}
