/**
 * The verdict on a before-callback. The first ask or answer rule that matches decides. Every failure still gives an
 * answer, in time.
 */
import { type Answer, okAnswer, refuses } from "../callback/answer.ts";
import type { Shadow, Verdict, VerdictSource } from "../callback/event.ts";
import type { ReadAnswer } from "../callback/read-answer.ts";
import type { AnswerRule, AskRule, Rule } from "../rule/rule.ts";
import { KvList } from "../rule/words/kv-list.ts";
import { type Sentence, say } from "../sentence.ts";
import { ask } from "./ask.ts";
import { askBreakerOf, noteOutcome, noteReadability } from "./ask-breaker.ts";
import type { AskContext } from "./ask-context.ts";
import { tellNews } from "./backend-news.ts";
import { itemsOf, refusingToo, withItems } from "./combine.ts";
import { Limits } from "./limits.ts";
import { otherwiseOf, ownAnswer } from "./own-answer.ts";
import type { Question } from "./question.ts";
import { maskedMessage, wordMask } from "./replace.ts";

/** At most so many shadow rules are asked about one callback: each takes a connection, of which a request has six. */
const maxShadows = 4;

/** Characters that are kept of a reason. */
const maxReasonLength = 500;

/** The decision of a rule. Without an answer the default answer is sent. */
export interface RuleDecision {
  answer?: Answer;
  how: VerdictSource;
  reason?: string;
}

/** The answer to Tencent as text, and the verdict to be recorded. Never throws. */
export async function decide(
  question: Question,
  rules: readonly Rule[],
  context: AskContext,
): Promise<{ text: string; verdict: Verdict }> {
  const at = context.now();
  const { answerSpec, body } = question;
  let name: string | null = null;
  let code = 0;
  let text: string | undefined;
  let decision: RuleDecision = { how: "default" };
  try {
    const rule = await firstDeciding(question, rules, context);
    if (rule) {
      name = rule.name;
      decision = await decideBy(rule, question, context);
      const { answer } = decision;
      if (answer) {
        text = JSON.stringify(answer);
        code = codeOf(answer);
      }
    }
  } catch (error) {
    // A body or an answer can be nested too deeply for the stack.
    decision = { how: "invalid", reason: say`${String(error)}` };
    if (name !== null) noteReadability(askBreakerOf(context.breakers, name), String(error));
  }
  const { how, reason } = decision;
  const verdict: Verdict = { rule: name, code, ms: Math.max(0, context.now() - at), how, shadows: [] };
  if (reason !== undefined) verdict.reason = reason.slice(0, maxReasonLength).toWellFormed() as Sentence;
  return { text: text ?? okAnswer(answerSpec, body), verdict };
}

/** The decision of a shadow rule, and how it came about. */
export interface ShadowDecision extends Shadow {
  how: VerdictSource;
  /** The time that it took, milliseconds. */
  ms: number;
}

/** The decisions of shadow rules. They are asked after the verdict was sent, which never waits for them. */
export async function shadowsOf(
  question: Question,
  rules: readonly Rule[],
  context: AskContext,
): Promise<ShadowDecision[]> {
  const limits = new Limits(question, context);
  const matching = rules.filter(
    (rule): rule is AskRule => rule.kind === "ask" && rule.shadow && isMatching(rule, question, context),
  );
  const beyond = await Promise.all(matching.map((rule) => limits.fits(rule)));
  const shadows = matching.filter((_, index) => beyond[index]);
  return Promise.all(
    shadows.slice(0, maxShadows).map(async (rule) => {
      const at = context.now();
      const { answer, how } = await decideByAsking(rule, question, context);
      const code = answer && how === "answered" ? codeOf(answer) : null;
      return { rule: rule.name, code, how, ms: Math.max(0, context.now() - at) };
    }),
  );
}

/** The rules are tried in their order, and one is counted for its limit only if no rule before it decides. */
async function firstDeciding(
  question: Question,
  rules: readonly Rule[],
  context: AskContext,
): Promise<AskRule | AnswerRule | undefined> {
  const limits = new Limits(question, context);
  for (const rule of rules)
    if (
      rule.kind !== "forward" &&
      !(rule.kind === "ask" && rule.shadow) &&
      isMatching(rule, question, context) &&
      (await limits.fits(rule))
    )
      return rule;
  return undefined;
}

/** Whether a rule matches the event. A misfit is matched too: one odd field must not switch a refusal off. */
function isMatching(rule: Rule, { event }: Question, { paused }: AskContext): boolean {
  return rule.enabled && paused?.has(rule.name) !== true && rule.matches(event);
}

/** The decision of one rule, whether it matches or not. */
export async function decideBy(
  rule: AskRule | AnswerRule,
  question: Question,
  context: AskContext,
): Promise<RuleDecision> {
  if (rule.kind === "ask") return decideByAsking(rule, question, context);
  const decision = decideByItself(rule, question);
  const breaker = askBreakerOf(context.breakers, rule.name);
  noteOutcome(breaker, true, context.now());
  noteReadability(breaker, decision.how === "invalid" ? decision.reason! : null);
  if (breaker.unreadable.count > 0 || context.news?.told.has(rule.name))
    tellNews(rule.name, [breaker], context);
  return decision;
}

function decideByItself({ answer, replace }: AnswerRule, question: Question): RuleDecision {
  const own = ownAnswer(question, answer);
  const masks = replace instanceof KvList || replace.length > 0;
  if ("problem" in own || !masks || refuses(own.ok)) return decisionOf(own, "rule");
  const MsgBody = maskedMessage(question.event.body, wordMask(replace));
  if (MsgBody === null) return decisionOf(own, "rule");
  if (!Object.hasOwn(question.answerSpec.fields, "MsgBody"))
    return decisionOf({ problem: say`MsgBody is not allowed here` }, "rule");
  // The masked message is not validated: it is as valid as the original, and its exact numbers fit no schema.
  return decisionOf({ ...own, ok: { ...own.ok, MsgBody } }, "rule");
}

async function decideByAsking(rule: AskRule, question: Question, context: AskContext): Promise<RuleDecision> {
  const otherwise = otherwiseOf(rule, question);
  const combined = await ask(rule, question, context);
  const rest: Answer =
    "ok" in otherwise ? otherwise.ok : JSON.parse(okAnswer(question.answerSpec, question.body));
  if (!("answer" in combined)) {
    const { how, reason, refusals } = combined;
    const decision = decisionOf(otherwise, how, reason || undefined);
    return refusals ? { ...decision, answer: refusingToo(rest, refusals) } : decision;
  }
  const { answer, odd } = combined;
  return {
    // A target that the backend left out gets the verdict of `otherwise`, or may go on.
    answer: rest.ResultItem ? withItems(answer, itemsOf(rest)) : answer,
    how: "answered",
    ...(odd !== undefined && { reason: odd }),
  };
}

function decisionOf(own: ReadAnswer, how: VerdictSource, reason?: string): RuleDecision {
  if ("ok" in own) {
    const reasons = [reason, own.odd].filter((one) => one !== undefined);
    return { answer: own.ok, how, ...(reasons.length > 0 && { reason: reasons.join("; ") }) };
  }
  const reasons = reason === undefined ? [own.problem] : [reason, `otherwise: ${own.problem}`];
  return { how: how === "rule" ? "invalid" : how, reason: reasons.join("; ") };
}

/** The code to record: `ErrorCode`, or where each target has a code of its own, the first that is not 0. */
export function codeOf(answer: Answer): number {
  if (!Array.isArray(answer.ResultItem)) return answer.ErrorCode;
  return itemsOf(answer).find(({ ResultCode }) => ResultCode !== 0)?.ResultCode ?? 0;
}
