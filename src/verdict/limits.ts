/**
 * The key `limit` while a verdict is decided: whether an event is beyond the limit of a rule. The count comes from
 * another place, so it may be late or fail. The rule then does not fit: a limit must not stop a conversation by itself.
 */
import { inTime } from "../in-time.ts";
import { type CountResult, countedValue } from "../rule/limit.ts";
import type { AnswerRule, AskRule } from "../rule/rule.ts";
import { askBreakerOf, isAskBreakerOpen, noteOutcome, takeProbe } from "./ask-breaker.ts";
import type { AskContext } from "./ask-context.ts";
import type { Question } from "./question.ts";

/** A verdict waits for all its counts together no longer than that. Milliseconds. */
const waitAtMostMs = 100;

/** The names under which breakers of a rule's counts stand beside those of backends begin so. No rule has such a name. */
function prefixOf(rule: string): string {
  return `limit:${rule} `;
}

/** Whether a breaker of the rule's counts is among these, by their names. */
export function hasCountsOf(rule: string, breakers: readonly string[]): boolean {
  return breakers.some((name) => name.startsWith(prefixOf(rule)));
}

/** The limits that are asked about one event. */
export class Limits {
  readonly #question: Question;
  readonly #context: AskContext;
  /** When the verdict ceases to wait for counts, Unix milliseconds; null before the first. */
  #until: number | null = null;

  constructor(question: Question, context: AskContext) {
    this.#question = question;
    this.#context = context;
  }

  /** Counts the event at a rule that fits it otherwise. Whether the rule fits it, as it is beyond the limit or has none. */
  async fits({ name, limit }: AskRule | AnswerRule): Promise<boolean> {
    if (limit === null) return true;
    const { breakers, counter, now, aside, until } = this.#context;
    const value = countedValue(limit, this.#question.event);
    if (value === undefined) return false;
    const place = await counter.placeOf(value);
    const breaker = askBreakerOf(breakers, `${prefixOf(name)}${place.object}`);
    const isOpen = isAskBreakerOpen(breaker);
    if (isOpen && !takeProbe(breaker, now())) {
      counter.counted(name, "skipped");
      return false;
    }
    this.#until ??= Math.min(now() + waitAtMostMs, until);
    const counting = counter.count(name, limit, place).then(
      (isBeyond): CountResult => (isBeyond ? "beyond" : "within"),
      (): CountResult => "failed",
    );
    // An event that is no longer waited for is counted all the same.
    aside(counting);
    const asked = inTime(counting, waitAtMostMs, late).then((result) => {
      noteOutcome(breaker, result === "within" || result === "beyond", now());
      return result;
    });
    aside(asked);
    if (isOpen) {
      aside(asked.then((result) => counter.counted(name, result)));
      return false;
    }
    const result = await inTime(asked, Math.max(0, this.#until - now()), late);
    counter.counted(name, result);
    return result === "beyond";
  }
}

function late(): CountResult {
  return "late";
}
