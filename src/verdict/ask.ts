/** What the backends of a rule say together, in time. */
import { messageFor } from "../delivery/message.ts";
import type { AskRule } from "../rule/rule.ts";
import { type BackendAnswer, backendAnswer } from "./backend-answer.ts";
import type { AskBreakers } from "./breaker.ts";
import { type CombinedAnswer, combine, settles } from "./combine.ts";
import type { Question } from "./question.ts";

/** What asking needs of its surroundings. */
export interface AskContext {
  /** Unix milliseconds. */
  now(): number;
  /** When there must be a verdict, Unix milliseconds. */
  until: number;
  /** Goes on with work that no answer waits for. */
  aside(work: Promise<unknown>): void;
  breakers: AskBreakers;
  version: string;
  /** This gateway's name in `tim-relay-loop`; null: not known yet. */
  id: string | null;
  /** Are masked in every reason. */
  secrets: readonly string[];
  fetcher?: typeof fetch;
}

/** Asks all of them at once. A refusal that leaves nothing to decide wins at once; else all must allow. */
export function ask(
  rule: AskRule,
  { event, answerSpec, body }: Question,
  context: AskContext,
): Promise<CombinedAnswer> {
  const { name, asks, secrets, headers } = rule;
  const at = context.now();
  const timeoutMs = Math.max(0, Math.min(rule.deadlineMs, context.until - at));
  const cut = new AbortController();
  return new Promise((resolve) => {
    const end = (opinion: CombinedAnswer) => {
      clearTimeout(timer);
      resolve(opinion);
      cut.abort(new DOMException("Nobody waits any more", "TimeoutError"));
    };
    const opinions: BackendAnswer[] = [];
    const timer = setTimeout(() => {
      const late: BackendAnswer = {
        how: "timeout",
        reason: `no verdict within ${timeoutMs} ms`,
        alive: false,
      };
      end(combine([late, ...opinions.filter((opinion) => opinion !== undefined)]));
    }, timeoutMs);
    let missing = asks.length;
    asks.forEach(async (url, index) => {
      const to = { name, url, secrets, headers, timeoutMs, callbackToken: null, batch: null };
      const message = messageFor({ ...to, format: "event" }, [event], at, context);
      const opinion = await backendAnswer(
        message,
        { answerSpec, body },
        {
          signal: cut.signal,
          now: context.now,
          secrets: context.secrets,
          fetcher: context.fetcher ?? fetch,
        },
      );
      opinions[index] = opinion;
      missing--;
      if ("answer" in opinion && settles(opinion.answer, answerSpec, body)) end(opinion);
      else if (missing === 0) end(combine(opinions));
    });
  });
}
