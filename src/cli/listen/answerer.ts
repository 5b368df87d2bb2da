/** Answers the requests of a rule: by a server on this machine, or with trouble that a developer asks for. */
import { setTimeout as sleep } from "node:timers/promises";
import { okText, refusalOf } from "../../callback/answer.ts";
import { catalogue } from "../../callback/catalogue.ts";
import type { ListenerRequest } from "../../client/index.js";
import { withQuery } from "../../delivery/message.ts";
import { isObject } from "../../rule/json.ts";
import { parseExactly } from "../../verdict/exact-json.ts";

/** Characters of an answer's body that go to the gateway: a verdict takes 64 KB, and of other answers less is kept. */
const longestBody = 65_536;

/** Headers of an answer that mean something to the gateway. */
const meaningful = ["content-type", "location", "retry-after"];

export interface Play {
  /** Where requests are posted; null: nowhere. */
  to: string | null;
  /** How long an answer is held back, milliseconds. */
  delayMs: number;
  /** The status of each answer, instead of the server's. */
  status: number | null;
  /** The body of each answer, instead of the server's: `allow` and `refuse` as the command demands. */
  answer: string | null;
}

/** A request and its end. */
export interface Exchange {
  kind: ListenerRequest["kind"];
  id: string;
  command: string;
  /** Null: there was no answer. */
  status: number | null;
  ms: number;
  /** Why there was none. */
  error: string | null;
  request: string;
  response: string | null;
}

/** Makes one exchange, within the time of its request. Never rejects. */
export async function exchange(request: ListenerRequest, play: Play): Promise<Exchange> {
  const at = performance.now();
  const { kind, id, body, deadlineMs } = request;
  const command = commandOf(request);
  const common = { kind, id, command, request: body };
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), deadlineMs);
  const end = () => ({ ms: Math.round(performance.now() - at) });
  try {
    if (play.delayMs > 0) await sleep(play.delayMs, undefined, { signal: late.signal });
    const played = { status: play.status ?? 200, body: playedBody(command, body, play) };
    const answer =
      play.status === null && play.answer === null
        ? await posted(request, play.to!, late.signal)
        : { ...played, headers: { "content-type": "application/json" } };
    request.answer(answer);
    return { ...common, status: answer.status, ...end(), error: null, response: answer.body };
  } catch (error) {
    if (late.signal.aborted)
      return {
        ...common,
        status: null,
        ...end(),
        error: `no answer within ${deadlineMs} ms`,
        response: null,
      };
    // A gateway cannot tell that the server is down: it gets the answer of a proxy before such a server.
    request.answer({ status: 502, body: "the listener's server cannot be reached" });
    return { ...common, status: null, ...end(), error: `${play.to} ${obstacleIn(error)}`, response: null };
  } finally {
    clearTimeout(timer);
  }
}

async function posted({ headers, query = "", body }: ListenerRequest, to: string, signal: AbortSignal) {
  const response = await fetch(withQuery(to, query), {
    method: "POST",
    headers,
    body,
    redirect: "manual",
    signal,
  });
  const text = (await response.text()).slice(0, longestBody);
  const kept = meaningful.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return { status: response.status, headers: Object.fromEntries(kept) as Record<string, string>, body: text };
}

function playedBody(command: string, body: string, { answer }: Play): string {
  if (answer === null) return "";
  if (answer !== "allow" && answer !== "refuse") return answer;
  const spec = catalogue.get(command)?.answer;
  const refusal = answer === "refuse" && spec ? refusalOf(spec, dataOf(body)) : null;
  if (refusal !== null) return JSON.stringify(refusal);
  return answer === "refuse" ? JSON.stringify({ ActionStatus: "OK", ErrorInfo: "", ErrorCode: 1 }) : okText;
}

/** Tencent's body within an envelope, or as it is. */
function dataOf(body: string): Record<string, unknown> {
  const value = parsed(body);
  return isObject(value.data) ? value.data : value;
}

/** The command of a request; of a batch, of its first event. */
function commandOf({ body, query = "" }: ListenerRequest): string {
  const value = parsed(body);
  const command = value.type ?? value.CallbackCommand ?? new URLSearchParams(query).get("CallbackCommand");
  return typeof command === "string" ? command : "";
}

function parsed(body: string): Record<string, unknown> {
  try {
    const value: unknown = parseExactly(body);
    const [first] = [value].flat();
    return isObject(first) ? first : {};
  } catch {
    return {};
  }
}

const obstacles: Readonly<Record<string, string>> = {
  ECONNREFUSED: "does not listen",
  ENOTFOUND: "has an unknown name",
  ECONNRESET: "broke the connection off",
  UND_ERR_SOCKET: "broke the connection off",
};

function obstacleIn(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return obstacles[cause?.code ?? ""] ?? `cannot be reached: ${cause?.message ?? String(error)}`;
}
