/** Rules, questions and contexts to vary in tests. */
import assert from "node:assert/strict";
import { catalogue } from "../../src/callback/catalogue.ts";
import type { AnswerRule, AskRule } from "../../src/rule/rule.ts";
import { selectionOf } from "../../src/rule/selection.ts";
import type { AskContext } from "../../src/verdict/ask-context.ts";
import type { EventCounter } from "../../src/verdict/event-counter.ts";
import { answerSpecOf, type Question } from "../../src/verdict/question.ts";
import { eventWith, httpsAddress } from "../delivery/sample.ts";

const selection = { enabled: true, limit: null, ...selectionOf(null, null) };

export function askRule(changes: Partial<AskRule> = {}): AskRule {
  return {
    ...selection,
    kind: "ask",
    name: "moderation",
    asks: [httpsAddress("https://mod.example.com/verdict")],
    secrets: [],
    headers: {},
    format: "event",
    callbackToken: null,
    deadlineMs: 1200,
    otherwise: "allow",
    shadow: false,
    combine: "first-refusal",
    ...changes,
  };
}

export function answerRule(changes: Partial<AnswerRule> = {}): AnswerRule {
  return { ...selection, kind: "answer", name: "own", answer: {}, replace: [], ...changes };
}

/** A question about a callback of this command, by default its example. */
export function questionOf(
  name: string,
  body: Record<string, unknown> = catalogue.get(name)!.example,
): Question {
  const command = catalogue.get(name) ?? null;
  const phase = command?.phase ?? "before";
  const event = eventWith({ command: name, phase, known: command !== null, body: JSON.stringify(body) });
  return { event, body, answerSpec: answerSpecOf(command, phase)! };
}

/** The behaviour of a backend. It may depend on the URL, and may hang until the signal is aborted. */
export type Backend = (url: string, init: RequestInit) => Response | Promise<Response>;

export function contextWith(backend: Backend, changes: Partial<AskContext> = {}): AskContext {
  return {
    now: Date.now,
    until: Number.POSITIVE_INFINITY,
    aside: () => {},
    breakers: new Map(),
    counter: neverCounts,
    version: "0.0.0",
    id: null,
    secrets: [],
    env: {},
    fetcher: async (url, init) => backend(String(url), init ?? {}),
    ...changes,
  };
}

/** A counter that must not be asked. */
const neverCounts: EventCounter = {
  placeOf: () => assert.fail("an event was counted"),
  count: () => assert.fail("an event was counted"),
  counted: () => assert.fail("an event was counted"),
};

/** The response of a backend with this answer. */
export function says(answer: unknown, status = 200): Response {
  return new Response(typeof answer === "string" ? answer : JSON.stringify(answer), { status });
}

/** A backend that hangs until its request is aborted. */
export function hangs(_url: string, { signal }: RequestInit): Promise<Response> {
  return new Promise((_resolve, reject) =>
    signal!.addEventListener("abort", () => reject(signal!.reason), { once: true }),
  );
}

/** A backend that must not be asked. */
export const neverAsked: Backend = () => {
  throw new Error("the backend was asked");
};
