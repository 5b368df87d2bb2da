/** Receives callbacks: checks them in the order that `read-callback.ts` documents, decides, keeps, answers within 2 s. */
import { type AnswerSpec, failText, okText } from "../../callback/answer.ts";
import { encodingOf } from "../../callback/encoding.ts";
import type { Verdict } from "../../callback/event.ts";
import { cameThrough, loopHeader } from "../../callback/loop.ts";
import { parametersOf } from "../../callback/parameters.ts";
import { type AcceptedCallback, readBody, readHead, sentenceOf } from "../../callback/read-callback.ts";
import { type Refused, refused } from "../../callback/refusal.ts";
import { signaturesOf } from "../../callback/signature.ts";
import { log } from "../../log.ts";
import { LogLimit } from "../../log-limit.ts";
import { freshLists } from "../../rule/words/fresh-lists.ts";
import { bucketOf } from "../../shard/latency.ts";
import { decide } from "../../verdict/decide.ts";
import { answerSpecOf } from "../../verdict/question.ts";
import { callerAddress } from "../address.ts";
import { askContext } from "../ask-context.ts";
import type { Context } from "../context.ts";
import { count, countVerdictOf } from "../isolate-counters.ts";
import { hearStanding } from "../rule-standing.ts";
import { gatewayId } from "../shards.ts";
import { readWhole, sendsProbe } from "./body.ts";
import { answer, refuse, refuseBusy } from "./callback-answer.ts";
import { Keeper } from "./keep.ts";
import { keepDeadline } from "./keep-deadline.ts";

/** The deadline of a verdict, from the arrival of its callback. Milliseconds. */
const verdictWithinMs = 1_600;

const loop = refused(
  508,
  "loop",
  "this callback came through this gateway before: a rule sends it back here",
);

const failed = new LogLimit();

/** Answers a callback, whatever fails. Never rejects. */
export async function receiveCallback(context: Context): Promise<Response> {
  try {
    return await receive(context);
  } catch (error) {
    const shown = error instanceof Error ? error.stack : String(error);
    failed.write(log.error, "callback failed", { error: shown });
    return answer(500, failText("something went wrong here; the log says what"));
  }
}

async function receive(context: Context): Promise<Response> {
  const { request, url, env, config } = context;
  if (!config.configured) return answer(503, failText("this gateway is not configured yet: see /health"));

  const policy = config.receiving;
  const address = policy.allows && callerAddress(request, config);
  const via = request.headers.get(loopHeader);
  const parameters = parametersOf(url.search.slice(1));
  const signatures = await signaturesOf(policy.tokens, parameters.get("requesttime"));
  const head = readHead({ parameters, signatures, address, via }, policy, Date.now());
  if (head.kind === "refused")
    return head.mayProbe && (await sendsProbe(request)) ? answer(200, okText) : refuse(head, context);
  if (via !== null && cameThrough(via, await gatewayId(env, config))) return refuse(loop, context);

  const deadline = keepDeadline();
  const body = await readWhole(request, deadline);
  if (body.kind === "refused")
    return body.reason === "busy" ? refuseBusy(body, head.name, context) : refuse(body, context);

  const read = readBody(head, body.bytes, policy);
  switch (read.kind) {
    case "accepted": {
      if (head.token > 1) count(`oldTokens:${head.token}`);
      const keeper = new Keeper(context, read, body.reservation, deadline);
      const answered = await keepAndAnswer(read, keeper, context);
      count(`answered:${bucketOf(Date.now() - head.receivedAt)}`);
      return answered;
    }
    case "probe":
      body.reservation.release();
      return answer(200, okText);
    case "refused":
      body.reservation.release();
      return refuse(explained(read, request), context);
  }
}

function keepAndAnswer(callback: AcceptedCallback, keeper: Keeper, context: Context): Promise<Response> {
  const answerSpec = answerSpecOf(callback.definition, callback.event.phase);
  if (answerSpec === null) return keepThenAnswer(callback, keeper, okText);
  return decideThenKeep(callback, answerSpec, keeper, context);
}

/** An after-callback is answered OK only once its event is durable. */
async function keepThenAnswer(
  { event }: AcceptedCallback,
  keeper: Keeper,
  ok: string,
  verdict?: Verdict,
): Promise<Response> {
  if (!(await keeper.keepInTime(verdict)))
    return answer(503, failText("the event could not be kept in time"));
  const { quarantined, command, issues } = event;
  return quarantined ? answer(400, failText(sentenceOf(command, issues))) : answer(200, ok);
}

/** A before-callback is answered without waiting for storage. */
async function decideThenKeep(
  callback: AcceptedCallback,
  answerSpec: AnswerSpec,
  keeper: Keeper,
  { env, ctx, config }: Context,
): Promise<Response> {
  const event = keeper.chooseLikelyShard();
  const question = { event, body: callback.body, answerSpec };
  const { rules } = config.rules;
  const listed = rules.filter(
    (rule) => rule.kvLists.length > 0 && rule.kind !== "forward" && rule.enabled && rule.mayMatch(event),
  );
  if (listed.length > 0) await freshLists(listed, ctx, Date.now());
  await hearStanding({ env, ctx, config }, (rule) => rule.enabled && rule.matches(event));
  const asking = askContext(env, ctx, config, event, event.receivedAt + verdictWithinMs);
  const { text, verdict } = await decide(question, rules, asking);
  count("verdicts");
  count(`verdicts:${verdict.how}`);
  count(`decided:${bucketOf(verdict.ms)}`);
  countVerdictOf(verdict);
  if (event.phase === "after") return keepThenAnswer(callback, keeper, text, verdict);
  if (callback.keep) keeper.keepLater(question, verdict);
  else keeper.discard(event, verdict);
  return answer(200, text);
}

/** A body that is not JSON because it is compressed is refused with a sentence that names its encoding. */
function explained(refusal: Refused, request: Request): Refused {
  const encoding = encodingOf(request);
  if (refusal.reason !== "json" || encoding === null) return refusal;
  return { ...refusal, sentence: `the body is ${encoding}: send it as plain JSON` };
}
