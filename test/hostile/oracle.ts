/** The rules that every answer keeps, to any request. */
import { answerCheck, operationsOf } from "../support/described.ts";
import { type Draft, targetOf } from "./draft.ts";
import { apiDocument } from "./grammar.ts";
import type { WireAnswer } from "./wire.ts";

/** An answer larger than this is a list without a bound, unless it is the stream of an export. Bytes. */
const maxAnswerBytes = 32 * 1024 * 1024;

/** The runtime's own refusals, which no Worker sees. */
const runtimeRefusal = /^(invalid |URI too long|ERROR: |unexpected |Bad Request$)/;
const runtimeStatuses = [400, 414, 431, 501];

/** Signs of the inside: stack traces, engine errors, SQL. */
const inside =
  /\n\s+at \S|\.[jt]s:\d+|SQLITE_|SqlError|\b(?:Range|Type|Syntax|Reference)Error\b|Uncaught|node_modules|jsg\.|kj\/|internal error/;

const problemOf = answerCheck(apiDocument);

const operations = [...operationsOf(apiDocument).values()].map((operation) => ({
  ...operation,
  fits: new RegExp(`^${operation.path.replace(/\{\w+\}/g, "[^/]+")}/*$`),
}));

export interface Verdict {
  /** Who answered. */
  by: "callbacks" | "api" | "runtime";
  problems: string[];
}

/** @param leaks names the secrets in a text */
export function judge(
  draft: Draft,
  { status, headers, body }: WireAnswer,
  callbackPath: string,
  leaks: (text: string) => string[],
): Verdict {
  const text = body.toString();
  const type = headers.get("content-type") ?? null;
  const all = `${[...headers].map(([name, value]) => `${name}: ${value}`).join("\n")}\n\n${text}`;
  const problems = leaks(all).map((leak) => `it holds ${leak}`);
  if (body.length > maxAnswerBytes && !type?.startsWith("application/x-ndjson"))
    problems.push(`it has ${body.length} bytes`);

  if (runtimeStatuses.includes(status) && !/^(application\/json|text\/plain;)/.test(type ?? "")) {
    if (draft.method !== "HEAD" && !runtimeRefusal.test(text))
      problems.push(`the runtime says ${text.slice(0, 200)}`);
    return { by: "runtime", problems };
  }
  if (headers.get("x-content-type-options") !== "nosniff") problems.push("its type may be guessed");
  const target = targetOf(draft);
  const pathname =
    URL.parse(target.startsWith("/") ? `http://relay.example.com${target}` : target)?.pathname ?? "";
  const isCallback = pathname === callbackPath || pathname === `${callbackPath}/`;
  if (!pathname.startsWith("/openapi.json") && inside.test(all)) problems.push("it shows the inside");
  if (draft.method === "HEAD") {
    if (body.length > 0) problems.push("HEAD has a body");
    return { by: isCallback ? "callbacks" : "api", problems };
  }
  const wrong = isCallback
    ? callbackProblem(status, type, text)
    : apiProblem(pathname, draft.method, status, type, text);
  return { by: isCallback ? "callbacks" : "api", problems: wrong === null ? problems : [...problems, wrong] };
}

/** An answer to a callback has Tencent's form. */
function callbackProblem(status: number, type: string | null, text: string): string | null {
  if (type !== "application/json") return `its type is ${type}`;
  if (status === 405) return /"ActionStatus":"FAIL"/.test(text) ? null : "405 is no FAIL";
  const problem = problemOf("receiveCallback", status, type, status === 200 ? plain(text) : text);
  if (problem !== null) return problem;
  const { ActionStatus, ErrorCode, ErrorInfo } = JSON.parse(text);
  if (status === 200) return ActionStatus === "OK" && Number.isInteger(ErrorCode) ? null : "200 is not OK";
  if (ActionStatus !== "FAIL" || ErrorCode !== 1 || ErrorInfo === "") return "a refusal has the form of FAIL";
  // On a busy machine, a shard may be late. The event is kept all the same, later.
  return status === 503 && ErrorInfo !== "the event could not be kept in time" ? `503: ${ErrorInfo}` : null;
}

/** A verdict may have further fields, as the document says. */
function plain(text: string): string {
  const { ActionStatus, ErrorInfo, ErrorCode } = JSON.parse(text);
  return JSON.stringify({ ActionStatus, ErrorInfo, ErrorCode });
}

function apiProblem(
  pathname: string,
  method: string,
  status: number,
  type: string | null,
  text: string,
): string | null {
  const here = operations.filter(
    ({ fits, operationId }) => fits.test(pathname) && operationId !== "receiveCallback",
  );
  const operation = here.find((one) => one.method === method) ?? here[0];
  if (operation && status !== 404) return problemOf(operation.operationId, status, type, text);
  if (![401, 404, 405, 429].includes(status)) return `${status} where no route is`;
  return /^\{"error":\{"code":"[a-z_]+","message":".+"\}\}$/s.test(text)
    ? null
    : `an error is ${text.slice(0, 200)}`;
}
