/** Answers that rules themselves define: `answer` and `otherwise`. */
import { type Item, refusalOf } from "../callback/answer.ts";
import { type ReadAnswer, readAnswer } from "../callback/read-answer.ts";
import type { AnswerFields, AskRule } from "../rule/rule.ts";
import { say } from "../sentence.ts";
import { itemsOf, withItems } from "./combine.ts";
import type { Question } from "./question.ts";

/** The refusal code of most commands. */
const plainRefusal = 1;

/**
 * A rule's answer in the form that the command demands. A rule does not know the targets of a friend request. Its code
 * and text therefore become the verdict on every target, and a plain refusal becomes the command's own. Where a rule
 * names targets itself, all other targets may go on.
 */
export function ownAnswer({ answerSpec, body }: Question, fields: AnswerFields): ReadAnswer {
  const { ErrorCode = 0, ...rest } = fields;
  if (!answerSpec.demanded) return readAnswer(answerSpec, { ErrorCode, ...rest });
  if ("ResultItem" in rest) {
    const read = readAnswer(answerSpec, { ErrorCode, ...rest });
    if ("problem" in read) return read;
    return { ...read, ok: withItems(read.ok, itemsOf(answerSpec.demanded(body, 0))) };
  }
  const code = ErrorCode === plainRefusal ? answerSpec.refusal : ErrorCode;
  const { ResultItem } = answerSpec.demanded(body, code as number) as { ResultItem: Item[] };
  if (ResultItem.length === 0 && code !== 0) return { problem: say`the body names no target to refuse` };
  if (ResultItem.length === 0) return { ok: { ActionStatus: "OK", ErrorInfo: "", ErrorCode: 0, ResultItem } };
  const ResultInfo = rest.ErrorInfo ?? "";
  return readAnswer(answerSpec, {
    ErrorCode: 0,
    ...rest,
    ResultItem: ResultItem.map((item) => ({ ...item, ResultInfo })),
  });
}

/** The answer of an ask rule whose backends gave no verdict. */
export function otherwiseOf({ otherwise }: AskRule, question: Question): ReadAnswer {
  if (otherwise === "allow") return ownAnswer(question, {});
  return ownAnswer(
    question,
    otherwise === "refuse" ? (refusalOf(question.answerSpec, question.body) ?? {}) : otherwise,
  );
}
