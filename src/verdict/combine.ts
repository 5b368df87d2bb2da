/** Combines the answers of several backends into one. */
import { type Answer, type AnswerSpec, type Item, isRefusalList } from "../callback/answer.ts";
import type { Body } from "../callback/json.ts";
import { inTurn } from "../sentence.ts";
import type { BackendAnswer, Failure } from "./backend-answer.ts";

/** A failure of all backends together. Accounts that one of the backends has refused stay refused. */
export type CombinedFailure = Failure & { refusals?: Partial<Answer> };

export type CombinedAnswer = Exclude<BackendAnswer, Failure> | CombinedFailure;

/** Whether the answer refuses everything, so that no other backend could change the result. */
export function isFinal(answer: Answer, answerSpec: AnswerSpec, body: Body): boolean {
  if (!answerSpec.demanded) return answer.ErrorCode !== 0;
  const refused = new Set(refusedItems(answer).map(({ To_Account }) => To_Account));
  if (refused.size === 0) return false;
  const { ResultItem } = answerSpec.demanded(body, 0) as { ResultItem: Item[] };
  return [...ResultItem, ...itemsOf(answer)].every(({ To_Account }) => refused.has(To_Account));
}

/**
 * A failure, if there is any; otherwise all answers merged. An account that one backend refuses is refused, also if another
 * backend fails. A target that one backend leaves out is not allowed. Of several changes of a field the first counts.
 */
export function combine(answers: readonly BackendAnswer[]): CombinedAnswer {
  const given = answers.filter((answer) => "answer" in answer);
  const failure = failureAmong(answers.filter((answer): answer is Failure => !("answer" in answer)));
  const answer = merged(given.map(({ answer }) => answer));
  if (failure) {
    const refusals = refusalsIn(answer);
    return refusals === null ? failure : { ...failure, refusals };
  }
  const odd = [...new Set(given.flatMap(({ odd }) => odd ?? []))];
  return odd.length === 0 ? { answer } : { answer, odd: inTurn(odd) };
}

/** Of several failures the one that took the longest: a late backend, or else one that was waited for. */
function failureAmong(failures: readonly Failure[]): Failure | undefined {
  const late = failures.find(({ how }) => how === "timeout");
  return late ?? failures.find(({ how }) => how !== "breaker") ?? failures[0];
}

/** The answer of `otherwise`, with the refusals that some backends gave all the same. */
export function refusingToo(answer: Answer, { ResultItem, ...lists }: Partial<Answer>): Answer {
  // Beside verdicts on each target the answer's own code decides nothing.
  if (ResultItem) return withItems({ ...answer, ResultItem }, itemsOf(answer));
  return answer.ErrorCode === 0 ? mergedFields([answer, lists as Answer]) : answer;
}

/** The answer, with the spare verdicts on targets that it leaves out. */
export function withItems(answer: Answer, spare: readonly Item[]): Answer {
  const given = itemsOf(answer);
  // A target may be a number in one answer and a text in another.
  const named = new Set(given.map(({ To_Account }) => String(To_Account)));
  const missing = spare.filter(({ To_Account }) => !named.has(String(To_Account)));
  return { ...answer, ResultItem: [...given, ...missing] };
}

export function itemsOf({ ResultItem }: Partial<Answer>): readonly Item[] {
  return Array.isArray(ResultItem) ? (ResultItem as Item[]) : [];
}

function merged(answers: readonly Answer[]): Answer {
  const answer = mergedFields(answers);
  // A code beside verdicts on each target reports that a backend failed as a whole: all of them together did not.
  if (answers.some(({ ErrorCode }) => ErrorCode === 0)) answer.ErrorCode = 0;
  if (answer.ResultItem) answer.ResultItem = mergedItems(answers);
  return answer;
}

function mergedFields(answers: readonly Answer[]): Answer {
  const answer = {} as Answer;
  for (const one of answers)
    for (const [name, field] of Object.entries(one))
      answer[name] =
        isRefusalList(name) && Array.isArray(answer[name])
          ? [...new Set([...answer[name], ...(field as string[])])]
          : (answer[name] ?? field);
  return answer;
}

function mergedItems(answers: readonly Answer[]): Item[] {
  const byTarget = Map.groupBy(answers.flatMap(itemsOf), ({ To_Account }) => To_Account);
  return [...byTarget.values()].flatMap((items) => {
    const refusal = items.find(({ ResultCode }) => ResultCode !== 0);
    return refusal ?? (items.length === answers.length ? items[0]! : []);
  });
}

function refusedItems(answer: Answer): Item[] {
  return itemsOf(answer).filter(({ ResultCode }) => ResultCode !== 0);
}

function refusalsIn(answer: Answer): Partial<Answer> | null {
  const items = refusedItems(answer);
  const lists = Object.entries(answer).filter(
    ([name, field]) => isRefusalList(name) && (field as []).length > 0,
  );
  if (items.length === 0 && lists.length === 0) return null;
  return { ...Object.fromEntries(lists), ...(items.length > 0 && { ResultItem: items }) };
}
