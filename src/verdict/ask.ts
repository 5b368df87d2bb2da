/** What the backends of a rule say together, in time. */
import { type Answer, refuses } from "../callback/answer.ts";
import { messageFor } from "../delivery/message.ts";
import type { AskRule } from "../rule/rule.ts";
import type { Breakers } from "./breaker.ts";
import { type Opinion, opinionOf } from "./opinion.ts";
import type { Question } from "./question.ts";

/** What asking needs of its surroundings. */
export interface Ways {
  /** Unix milliseconds. */
  now(): number;
  /** When there must be a verdict, Unix milliseconds. */
  until: number;
  /** Goes on with work that no answer waits for. */
  aside(work: Promise<unknown>): void;
  breakers: Breakers;
  version: string;
  fetcher?: typeof fetch;
}

/** Asks all of them at once. The first refusal wins at once; else all must allow. */
export function ask(rule: AskRule, { event, form }: Question, ways: Ways): Promise<Opinion> {
  const { name, asks, secrets, headers } = rule;
  const at = ways.now();
  const timeoutMs = Math.max(0, Math.min(rule.deadlineMs, ways.until - at));
  const cut = new AbortController();
  return new Promise((resolve) => {
    const end = (opinion: Opinion) => {
      clearTimeout(timer);
      resolve(opinion);
      cut.abort(new DOMException("Nobody waits any more", "TimeoutError"));
    };
    const timer = setTimeout(
      () => end({ how: "timeout", reason: `no verdict within ${timeoutMs} ms`, alive: false }),
      timeoutMs,
    );
    const opinions: Opinion[] = [];
    let missing = asks.length;
    asks.forEach(async (url, index) => {
      const to = { name, url, secrets, headers, timeoutMs, callbackToken: null, batch: null };
      const message = messageFor({ ...to, format: "event" }, [event], at, {
        version: ways.version,
        id: null,
      });
      const opinion = await opinionOf(message, form, cut.signal, ways.now, ways.fetcher);
      opinions[index] = opinion;
      missing--;
      if ("answer" in opinion && refuses(opinion.answer)) end(opinion);
      else if (missing === 0) end(together(opinions));
    });
  });
}

/** The first failure; else what all allow: whom one of them leaves out is out, and the first change of a field counts. */
function together(opinions: readonly Opinion[]): Opinion {
  const answer = {} as Answer;
  for (const opinion of opinions) {
    if (!("answer" in opinion)) return opinion;
    for (const [name, field] of Object.entries(opinion.answer))
      answer[name] =
        name.startsWith("Refused") && Array.isArray(answer[name])
          ? [...new Set([...answer[name], ...(field as string[])])]
          : (answer[name] ?? field);
  }
  return { answer };
}
