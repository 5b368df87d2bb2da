/** How the opinions of several backends make one. */
import { type Answer, type AnswerSpec, type Item, refuses } from "../callback/answer.ts";
import type { Body } from "../callback/command.ts";
import type { BackendAnswer, Failure } from "./backend-answer.ts";

/** No verdict of all; but accounts that one of the backends has refused stay refused. */
export type CombinedFailure = Failure & { refusals?: Partial<Answer> };

export type CombinedAnswer = Exclude<BackendAnswer, Failure> | CombinedFailure;

/** Whether the answer refuses all there is to refuse: no other backend could change that. */
export function settles(answer: Answer, answerSpec: AnswerSpec, body: Body): boolean {
  if (answer.ErrorCode !== 0) return true;
  if (!answerSpec.demanded || !refuses(answer)) return false;
  const refused = new Set(refusedItems(answer).map(({ To_Account }) => To_Account));
  const { ResultItem } = answerSpec.demanded(body, 0) as { ResultItem: Item[] };
  return [...ResultItem, ...itemsOf(answer)].every(({ To_Account }) => refused.has(To_Account));
}

/**
 * The first failure; else the consent of all. An account that one backend refuses is refused, whatever becomes of
 * the others. A target that one backend leaves out has no consent. Of a changed field the first change counts.
 */
export function combine(opinions: readonly BackendAnswer[]): CombinedAnswer {
  const given = opinions.filter((opinion) => "answer" in opinion);
  const failure = opinions.find((opinion) => !("answer" in opinion));
  const answer = merged(given.map(({ answer }) => answer));
  if (failure) {
    const refusals = refusalsIn(answer);
    return refusals === null ? failure : { ...failure, refusals };
  }
  const odd = [...new Set(given.flatMap(({ odd }) => odd ?? []))].join("; ");
  return odd === "" ? { answer } : { answer, odd };
}

/** The answer that stands for no verdict, with the refusals that there were all the same. */
export function refusingToo(answer: Answer, refusals: Partial<Answer> = {}): Answer {
  if (answer.ErrorCode !== 0) return answer;
  const { ResultItem, ...lists } = refusals;
  const both = mergedFields([answer, lists as Answer]);
  return ResultItem ? withItems({ ...both, ResultItem }, itemsOf(answer)) : both;
}

/** The answer, and the verdicts on targets that it leaves out. */
export function withItems(answer: Answer, spare: readonly Item[]): Answer {
  const given = itemsOf(answer);
  // A target may be a number in one answer, and a text in another.
  const named = new Set(given.map(({ To_Account }) => String(To_Account)));
  const others = spare.filter(({ To_Account }) => !named.has(String(To_Account)));
  return { ...answer, ResultItem: [...given, ...others] };
}

export function itemsOf({ ResultItem }: Partial<Answer>): readonly Item[] {
  return Array.isArray(ResultItem) ? (ResultItem as Item[]) : [];
}

function merged(answers: readonly Answer[]): Answer {
  const answer = mergedFields(answers);
  if (answer.ResultItem) answer.ResultItem = mergedItems(answers);
  return answer;
}

function mergedFields(answers: readonly Answer[]): Answer {
  const answer = {} as Answer;
  for (const one of answers)
    for (const [name, field] of Object.entries(one))
      answer[name] =
        isList(name) && Array.isArray(answer[name])
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
  const lists = Object.entries(answer).filter(([name, field]) => isList(name) && (field as []).length > 0);
  if (items.length === 0 && lists.length === 0) return null;
  return { ...Object.fromEntries(lists), ...(items.length > 0 && { ResultItem: items }) };
}

/** Whether the field lists accounts that are refused while others go on. */
function isList(name: string): boolean {
  return name.startsWith("Refused");
}
