/**
 * The verdict on a before-callback. The first ask or answer rule that fits decides; whatever goes wrong there is an
 * answer, and in time.
 */
import { type Answer, okAnswer } from "../callback/answer.ts";
import type { How, Shadow, Verdict } from "../callback/event.ts";
import type { AnswerRule, AskRule, Rule } from "../rule/rule.ts";
import { ask, type Ways } from "./ask.ts";
import { breakerOf, isOpen, note, takeProbe } from "./breaker.ts";
import type { Opinion } from "./opinion.ts";
import { type OwnAnswer, otherwiseOf, ownAnswer, type ResultItem } from "./own-answer.ts";
import type { Question } from "./question.ts";
import { maskedMessage, maskOf } from "./replace.ts";

/** More would ask too much of a backend's and of our connections. */
const mostShadows = 4;

/** What a rule comes to; without an answer, the default one goes out. */
export interface Judgement {
  answer?: Answer;
  how: How;
  reason?: string;
}

/** What Tencent is answered, as text, and the record of it. Never throws. */
export async function decide(
  question: Question,
  rules: readonly Rule[],
  ways: Ways,
): Promise<{ text: string; verdict: Verdict }> {
  const at = ways.now();
  const { form, body } = question;
  let name: string | null = null;
  let code = 0;
  let text: string | undefined;
  let judgement: Judgement = { how: "default" };
  try {
    const rule = deciding(question, rules);
    if (rule) {
      name = rule.name;
      judgement = await judge(rule, question, ways);
      const { answer } = judgement;
      if (answer) {
        text = JSON.stringify(answer);
        code = codeOf(answer);
      }
    }
  } catch (error) {
    // A body or an answer so deeply nested that the stack ends.
    judgement = { how: "invalid", reason: String(error) };
  }
  const { how, reason } = judgement;
  const verdict: Verdict = { rule: name, code, ms: ways.now() - at, how, shadows: [] };
  if (reason !== undefined) verdict.reason = reason;
  return { text: text ?? okAnswer(form, body), verdict };
}

/** What the rules on trial say. Their questions go out when the verdict has: it never waits for them. */
export async function shadowsOf(question: Question, rules: readonly Rule[], ways: Ways): Promise<Shadow[]> {
  const shadows = rules.filter((rule) => rule.kind === "ask" && rule.shadow && decides(rule, question));
  return Promise.all(
    shadows.slice(0, mostShadows).map(async (rule) => {
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

/** A payload that does not fit its command is nothing to be asked about. */
function decides(rule: Rule, { event }: Question): boolean {
  return rule.enabled && event.valid && rule.wants(event);
}

/** What a rule says, whether it fits or not. */
export async function judge(rule: AskRule | AnswerRule, question: Question, ways: Ways): Promise<Judgement> {
  return rule.kind === "ask" ? judgeByAsking(rule, question, ways) : judgeByItself(rule, question);
}

function judgeByItself({ answer, replace }: AnswerRule, question: Question): Judgement {
  const masks = replace.length > 0 && (answer.ErrorCode ?? 0) === 0;
  const masked = masks ? maskedMessage(question.event.body, maskOf(replace)) : null;
  if (masked === null) return judgementOf(ownAnswer(question, answer), "rule");
  // What is masked is as right as the message was; its larger numbers are no longer ones that a schema knows.
  const own = ownAnswer(question, { ...answer, MsgBody: question.body.MsgBody });
  if ("ok" in own) own.ok.MsgBody = masked;
  return judgementOf(own, "rule");
}

async function judgeByAsking(rule: AskRule, question: Question, ways: Ways): Promise<Judgement> {
  const breaker = breakerOf(ways.breakers, rule.name);
  const opened = Promise.withResolvers<null>();
  const tell = () => opened.resolve(null);
  const asking = async (): Promise<Opinion> => {
    const opinion = await ask(rule, question, ways);
    breaker.waiting.delete(tell);
    note(breaker, "answer" in opinion || opinion.alive, ways.now());
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
  if (!("answer" in opinion)) return judgementOf(otherwise, opinion.how, opinion.reason);
  return { answer: complete(opinion.answer, otherwise), how: "answered" };
}

function judgementOf(own: OwnAnswer, how: How, reason?: string): Judgement {
  if ("ok" in own) return { answer: own.ok, how, ...(reason !== undefined && { reason }) };
  const reasons = reason === undefined ? [own.problem] : [reason, `otherwise: ${own.problem}`];
  return { how: how === "rule" ? "invalid" : how, reason: reasons.join("; ") };
}

/** A target that a backend's answer leaves out gets the verdict that it had got without one. */
function complete(answer: Answer, otherwise: OwnAnswer): Answer {
  if (!("ok" in otherwise && otherwise.ok.ResultItem)) return answer;
  const given = answer.ResultItem as ResultItem[];
  const named = new Set(given.map(({ To_Account }) => To_Account));
  const spare = otherwise.ok.ResultItem as ResultItem[];
  return { ...answer, ResultItem: [...given, ...spare.filter(({ To_Account }) => !named.has(To_Account))] };
}

/** The code that counts: where each target has its own, the first that is not 0. */
export function codeOf({ ErrorCode, ResultItem }: Answer): number {
  if (!Array.isArray(ResultItem)) return ErrorCode;
  return (ResultItem as ResultItem[]).find(({ ResultCode }) => ResultCode !== 0)?.ResultCode ?? 0;
}
