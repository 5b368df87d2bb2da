/** Asks the backends of a rule, and combines their answers within the deadline. */
import type { AskRule } from "../rule/rule.ts";
import { askBackend } from "./ask-backend.ts";
import type { AskContext } from "./ask-context.ts";
import { type CombinedAnswer, combine, isFinal } from "./combine.ts";
import type { Question } from "./question.ts";

/** Asks all backends of a rule at once. A refusal of everything wins at once; otherwise all backends must allow. */
export function ask(rule: AskRule, question: Question, context: AskContext): Promise<CombinedAnswer> {
  const { answerSpec, body } = question;
  const timeoutMs = Math.max(0, Math.min(rule.deadlineMs, context.until - context.now()));
  const stops = rule.asks.map(() => new AbortController());
  const final = Promise.withResolvers<CombinedAnswer>();
  const answers = stops.map(async (stop, index) => {
    const answer = await askBackend(rule, index, { timeoutMs, stop }, question, context);
    if ("answer" in answer && isFinal(answer.answer, answerSpec, body)) {
      final.resolve(answer);
      for (const other of stops) other.abort(new DOMException("The verdict is decided", "TimeoutError"));
    }
    return answer;
  });
  return Promise.race([final.promise, Promise.all(answers).then(combine)]);
}
