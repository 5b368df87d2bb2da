/**
 * The verdict on a before-callback. The first ask or answer rule that fits decides; whatever goes wrong there is an
 * answer, and in time.
 */
import { type Answer, okAnswer, refuses } from "../callback/answer.ts";
import type { Shadow, Verdict, VerdictSource } from "../callback/event.ts";
import type { ReadAnswer } from "../callback/read-answer.ts";
import type { AnswerRule, AskRule, Rule } from "../rule/rule.ts";
import { type AskContext, ask } from "./ask.ts";
import { breakerOf, isOpen, note, noteReading, takeProbe } from "./breaker.ts";
import { type CombinedAnswer, itemsOf, refusingToo, withItems } from "./combine.ts";
import { otherwiseOf, ownAnswer } from "./own-answer.ts";
import type { Question } from "./question.ts";
import { maskedMessage, wordMask } from "./replace.ts";

/** More would ask too much of a backend's and of our connections. */
const maxShadows = 4;

/** Characters kept of a reason. */
const maxReasonLength = 500;

/** What a rule comes to; without an answer, the default one goes out. */
export interface RuleDecision {
  answer?: Answer;
  how: VerdictSource;
  reason?: string;
}

/** What Tencent is answered, as text, and the record of it. Never throws. */
export async function decide(
  question: Question,
  rules: readonly Rule[],
  ways: AskContext,
): Promise<{ text: string; verdict: Verdict }> {
  const at = ways.now();
  const { answerSpec, body } = question;
  let name: string | null = null;
  let code = 0;
  let text: string | undefined;
  let judgement: RuleDecision = { how: "default" };
  try {
    const rule = deciding(question, rules);
    if (rule) {
      name = rule.name;
      judgement = await decideBy(rule, question, ways);
      const { answer } = judgement;
      if (answer) {
        text = JSON.stringify(answer);
        code = codeOf(answer);
      }
    }
  } catch (error) {
    // A body or an answer so deeply nested that the stack ends.
    judgement = { how: "invalid", reason: String(error) };
    if (name !== null) noteReading(breakerOf(ways.breakers, name), String(error));
  }
  const { how, reason } = judgement;
  const verdict: Verdict = { rule: name, code, ms: Math.max(0, ways.now() - at), how, shadows: [] };
  if (reason !== undefined) verdict.reason = reason.slice(0, maxReasonLength).toWellFormed();
  return { text: text ?? okAnswer(answerSpec, body), verdict };
}

/** What the rules on trial say. Their questions go out when the verdict has: it never waits for them. */
export async function shadowsOf(
  question: Question,
  rules: readonly Rule[],
  ways: AskContext,
): Promise<Shadow[]> {
  const shadows = rules.filter((rule) => rule.kind === "ask" && rule.shadow && decides(rule, question));
  return Promise.all(
    shadows.slice(0, maxShadows).map(async (rule) => {
      const { answer, how } = await judgeByAsking(rule as AskRule, question, ways);
      return { rule: rule.name, code: answer && how === "answered" ? codeOf(answer) : null };
    }),
  );
}

function deciding(question: Question, rules: readonly Rule[]): AskRule | AnswerRule | undefined {
  for (const rule of rules)
    if (rule.kind !== "forward" && !(rule.kind === "ask" && rule.shadow) && decides(rule, question))
      return rule;
  return undefined;
}

/** A rule decides on payloads that do not fit their command, too: one odd field must not switch a refusal off. */
function decides(rule: Rule, { event }: Question): boolean {
  return rule.enabled && rule.matches(event);
}

/** What a rule says, whether it fits or not. */
export async function decideBy(
  rule: AskRule | AnswerRule,
  question: Question,
  ways: AskContext,
): Promise<RuleDecision> {
  if (rule.kind === "ask") return judgeByAsking(rule, question, ways);
  const judgement = judgeByItself(rule, question);
  noteReading(breakerOf(ways.breakers, rule.name), judgement.how === "invalid" ? judgement.reason! : null);
  return judgement;
}

function judgeByItself({ answer, replace }: AnswerRule, question: Question): RuleDecision {
  const own = ownAnswer(question, answer);
  if ("problem" in own || replace.length === 0 || refuses(own.ok)) return judgementOf(own, "rule");
  const MsgBody = maskedMessage(question.event.body, wordMask(replace));
  if (MsgBody === null) return judgementOf(own, "rule");
  if (!Object.hasOwn(question.answerSpec.fields, "MsgBody"))
    return judgementOf({ problem: "MsgBody is not allowed here" }, "rule");
  // The masked message is as right as the message was: an odd element of it does not keep its words.
  return judgementOf({ ...own, ok: { ...own.ok, MsgBody } }, "rule");
}

async function judgeByAsking(rule: AskRule, question: Question, ways: AskContext): Promise<RuleDecision> {
  const breaker = breakerOf(ways.breakers, rule.name);
  const opened = Promise.withResolvers<null>();
  const tell = () => opened.resolve(null);
  const asking = async (): Promise<CombinedAnswer> => {
    const opinion = await ask(rule, question, ways);
    breaker.waiting.delete(tell);
    note(breaker, "answer" in opinion || opinion.alive, ways.now());
    if ("answer" in opinion) noteReading(breaker, null);
    else if (opinion.how === "invalid") noteReading(breaker, opinion.reason);
    return opinion;
  };
  const otherwise = otherwiseOf(rule, question);
  if (isOpen(breaker)) {
    if (takeProbe(breaker, ways.now())) ways.aside(asking());
    return judgementOf(otherwise, "breaker");
  }
  breaker.waiting.add(tell);
  const asked = asking();
  // To its end, even if the breaker opens or whoever waits hangs up: it says how the backend is.
  ways.aside(asked);
  const opinion = await Promise.race([asked, opened.promise]);
  if (opinion === null) return judgementOf(otherwise, "breaker");
  if (!("answer" in opinion)) {
    const { how, reason, refusals } = opinion;
    const judgement = judgementOf(otherwise, how, reason);
    if (!refusals) return judgement;
    const rest = judgement.answer ?? (JSON.parse(okAnswer(question.answerSpec, question.body)) as Answer);
    return { ...judgement, answer: refusingToo(rest, refusals) };
  }
  const { answer, odd } = opinion;
  return {
    answer: complete(answer, otherwise),
    how: "answered",
    ...(odd !== undefined && { reason: odd }),
  };
}

function judgementOf(own: ReadAnswer, how: VerdictSource, reason?: string): RuleDecision {
  if ("ok" in own) {
    const reasons = [reason, own.odd].filter((one) => one !== undefined);
    return { answer: own.ok, how, ...(reasons.length > 0 && { reason: reasons.join("; ") }) };
  }
  const reasons = reason === undefined ? [own.problem] : [reason, `otherwise: ${own.problem}`];
  return { how: how === "rule" ? "invalid" : how, reason: reasons.join("; ") };
}

/** A target that a backend's answer leaves out gets the verdict that it had got without one. */
function complete(answer: Answer, otherwise: ReadAnswer): Answer {
  return "ok" in otherwise && otherwise.ok.ResultItem ? withItems(answer, itemsOf(otherwise.ok)) : answer;
}

/** The code that counts: where each target has its own, the first that is not 0. */
export function codeOf(answer: Answer): number {
  if (!Array.isArray(answer.ResultItem)) return answer.ErrorCode;
  return itemsOf(answer).find(({ ResultCode }) => ResultCode !== 0)?.ResultCode ?? 0;
}
