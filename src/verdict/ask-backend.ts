/**
 * Asks one backend of a rule in time, and counts for its breaker how that ends. While the breaker is open, the backend
 * is not waited for. Uses the runtime's timers.
 */
import { messageFor } from "../delivery/message.ts";
import { inTime } from "../in-time.ts";
import type { AskRule } from "../rule/rule.ts";
import { say } from "../sentence.ts";
import {
  type AskBreaker,
  breakersOf,
  isAskBreakerOpen,
  noteOutcome,
  noteReadability,
  takeProbe,
} from "./ask-breaker.ts";
import type { AskContext } from "./ask-context.ts";
import { type BackendAnswer, backendAnswer, type Failure } from "./backend-answer.ts";
import { tellNews } from "./backend-news.ts";
import type { Question } from "./question.ts";

/** How long a backend may take. */
interface Patience {
  timeoutMs: number;
  /** Aborted when the verdict is decided without the backend, and by this function when the answer is read. */
  stop: AbortController;
}

const notWaitedFor: Failure = { how: "breaker", reason: "", alive: false };

/** The answer of a backend, by its place among those of its rule. */
export async function askBackend(
  rule: AskRule,
  index: number,
  { timeoutMs, stop }: Patience,
  question: Question,
  context: AskContext,
): Promise<BackendAnswer> {
  const breakers = breakersOf(context.breakers, rule);
  const breaker = breakers[index]!;
  const isProbe = isAskBreakerOpen(breaker);
  if (isProbe && !takeProbe(breaker, context.now())) return notWaitedFor;
  const opened = Promise.withResolvers<Failure>();
  const wake = () => opened.resolve(notWaitedFor);
  if (isProbe) wake();
  else breaker.waiting.add(wake);
  const asking = async () => {
    // A probe is asked to its end, whatever other backends decide.
    const patience = { timeoutMs, stop: isProbe ? new AbortController() : stop };
    const answering = answerInTime(rule, index, patience, question, context);
    const { answer, isCutOff } = await answering.finally(() => breaker.waiting.delete(wake));
    if (isCutOff) return answer;
    note(breaker, answer, context.now());
    tellNews(rule.name, breakers, context);
    return answer;
  };
  const asked = asking();
  // The question is finished even if the breaker opens or Tencent hangs up: its outcome is counted.
  context.aside(asked);
  return Promise.race([opened.promise, asked]);
}

/** The answer, in time also where the backend ignores the signal. `isCutOff`: the verdict was decided without it. */
async function answerInTime(
  rule: AskRule,
  index: number,
  { timeoutMs, stop }: Patience,
  { event, answerSpec, body }: Question,
  context: AskContext,
): Promise<{ answer: BackendAnswer; isCutOff: boolean }> {
  const { now, secrets, env, listeners, fetcher = fetch } = context;
  const address = rule.asks[index]!;
  const asking = async () => {
    const to = { ...rule, address, timeoutMs, template: null, succeeds: null, batch: null };
    const message = await messageFor(to, [event], now(), context);
    const attempt = { signal: stop.signal, now, secrets, env, listeners, fetcher };
    return backendAnswer(message, { answerSpec, body }, attempt);
  };
  const late = (): BackendAnswer => ({
    how: "timeout",
    reason: say`no verdict within ${timeoutMs} ms`,
    alive: false,
  });
  const answer = await inTime(asking(), timeoutMs, late);
  const isCutOff = stop.signal.aborted && !("answer" in answer || answer.alive);
  stop.abort(new DOMException("The answer is late, or has been read", "TimeoutError"));
  return { answer, isCutOff };
}

function note(breaker: AskBreaker, answer: BackendAnswer, now: number): void {
  if ("answer" in answer) {
    noteOutcome(breaker, true, now);
    noteReadability(breaker, null);
  } else if (answer.missed) {
    breaker.last = "missed";
  } else {
    const { how, reason, alive } = answer;
    noteOutcome(breaker, alive, now, reason);
    if (how === "invalid") noteReadability(breaker, reason);
  }
}
