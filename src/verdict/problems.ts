/** The problems of ask and answer rules, as sentences. */
import { catalogue } from "../callback/catalogue.ts";
import type { Event } from "../callback/event.ts";
import { fitting } from "../rule/on.ts";
import type { Rule } from "../rule/rule.ts";
import { type Sentence, say } from "../sentence.ts";
import { type AskBreaker, type AskBreakers, isUnreadable, openBreakers, placesOf } from "./ask-breaker.ts";
import { hasCountsOf } from "./limits.ts";
import { otherwiseOf, ownAnswer } from "./own-answer.ts";

/** The problem that a backend does not answer. @param place of the backend among those of its rule */
export function unansweredProblem(rule: string, place: string): Sentence {
  return place === ""
    ? say`${rule}: its backend does not answer and is not waited for`
    : say`${rule}: its backend ${place.trim()} does not answer and is not waited for`;
}

/** The problem that the answers of a backend, or of the rule itself, cannot be read. */
function unreadableProblem(
  rule: string,
  place: string,
  { unreadable: { count, reason } }: AskBreaker,
): Sentence {
  return place === ""
    ? say`${rule}: its last ${count} answers could not be read as verdicts, the last one because: ${reason}`
    : say`${rule}: its last ${count} answers from ${place.trim()} could not be read as verdicts, the last one because: ${reason}`;
}

/** The problem that the events of a rule cannot be counted in time. */
export function uncountedProblem(rule: string): Sentence {
  return say`${rule}: its limit counts too slowly or not at all, and the rule does not fit meanwhile`;
}

/**
 * Reports answers that a command named by the rule does not allow. Also reports backends that do not answer, or whose
 * last ten answers could not be read.
 */
export function verdictProblems(rules: readonly Rule[], breakers: AskBreakers): Sentence[] {
  const problems: Sentence[] = [];
  const open = openBreakers(breakers);
  for (const rule of rules) {
    if (rule.kind === "forward" || !rule.enabled) continue;
    for (const place of rule.kind === "ask" ? placesOf(rule) : [""]) {
      const name = `${rule.name}${place}`;
      const breaker = breakers.get(name);
      if (rule.kind === "ask" && open.includes(name)) problems.push(unansweredProblem(rule.name, place));
      if (breaker && isUnreadable(breaker)) problems.push(unreadableProblem(rule.name, place, breaker));
    }
    if (rule.limit && hasCountsOf(rule.name, open)) problems.push(uncountedProblem(rule.name));
    const isNamed = fitting(rule.on ?? []);
    for (const { name, answer: answerSpec, example } of catalogue.values()) {
      if (!isNamed(name) || answerSpec.refusal === null) continue;
      const question = { event: {} as Event, body: example ?? {}, answerSpec };
      const own = rule.kind === "ask" ? otherwiseOf(rule, question) : ownAnswer(question, rule.answer);
      if ("problem" in own)
        problems.push(
          say`${rule.name}: its answer is not allowed for ${name}, whose action goes on: ${own.problem}`,
        );
      else if (own.odd)
        problems.push(say`${rule.name}: a part of its answer to ${name} is left out: ${own.odd}`);
    }
  }
  return problems;
}
