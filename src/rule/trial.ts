/** A trial: which rules would match a given event, without any event being kept or sent. */
import { canonicalName, catalogue } from "../callback/catalogue.ts";
import { phaseByName } from "../callback/command.ts";
import type { Event } from "../callback/event.ts";
import { newEventId, readEventId } from "../callback/event-id.ts";
import { relayEventOf } from "../callback/relay-events.ts";
import { type Sentence, say } from "../sentence.ts";
import { parseInstant } from "./instant.ts";
import { got, gotOther, isDeeper, isObject, type Json, type JsonObject, maxDepth, tooDeep } from "./json.ts";
import { limitInWords } from "./limit.ts";
import type { Failure } from "./match/explain.ts";
import { nearestOf } from "./nearest.ts";
import type { RuleBook } from "./parse-rules.ts";
import {
  anyObject,
  choice,
  contextWithoutSecrets,
  matching,
  plainText,
  type Reader,
} from "./readers/reader.ts";
import type { Rule } from "./rule.ts";
import type { SettingPath } from "./setting-path.ts";
import type { Template } from "./template.ts";

export interface TrialResult {
  /** The rule's name. */
  rule: string;
  /** Whether its `on`, `match`, `words` and `sample` match the event. */
  matches: boolean;
  /** The body that its template makes of the event. Absent without one, or if it makes too much. */
  body?: string;
  /** A condition that a trial cannot judge, as a sentence. */
  untried?: Sentence;
  /** The first of its `words` in the event's message, as it stands there. */
  word?: string;
  /** The first field that does not match. */
  failed?: Failure & {
    /** The failure as a sentence. */
    why: Sentence;
  };
}

export function runTrial(book: RuleBook, event: Event): TrialResult[] {
  return book.rules.map((rule) => {
    const failure = rule.explain(event);
    return failure === null
      ? { rule: rule.name, matches: true, ...more(rule, event) }
      : { rule: rule.name, matches: false, failed: { ...failure, why: sentenceOf(failure) } };
  });
}

function more(rule: Rule, event: Event): Pick<TrialResult, "body" | "untried" | "word"> {
  const word = rule.wordIn(event);
  return {
    ...(word !== null && { word }),
    ...(rule.kind === "forward"
      ? rule.template && filled(rule.template, event)
      : rule.limit && { untried: say`only ${limitInWords(rule.limit)}, which a trial does not count` }),
  };
}

function filled(template: Template, event: Event): Pick<TrialResult, "body" | "untried"> {
  const body = template.fill(event);
  return body === null
    ? { untried: say`its template makes more than 2 MiB of text of the event, which is not sent` }
    : { body };
}

function sentenceOf({ field, found, expected }: Failure): Sentence {
  return say`${field} is ${found}, and should be ${expected}`;
}

const time: Reader<number> = {
  schema: { type: "string", format: "date-time" },
  read(value, path) {
    const ms = typeof value === "string" ? parseInstant(value) : null;
    return ms ?? path.problem(say`expected a time such as 2026-01-31T12:00:00Z, ${gotOther(value)}`);
  },
};

const command = matching(
  /^[\w.-]{1,128}$/,
  say`a command such as Group.CallbackAfterSendMsg, 128 characters at most`,
);

/** The keys of a trial event. */
const ownKeys = ["id", "command", "phase", "app", "clientIp", "platform", "receivedAt", "body"];
/** Further keys of an event in the API's answers, which may be pasted whole: they are ignored. */
const apiKeys = [
  "known",
  "valid",
  "state",
  "conversation",
  "size",
  "query",
  "issues",
  "verdict",
  "deliveries",
];

/** The id of an event that has none. Every `sample` chooses it. */
const noId = newEventId(0, 0, new Uint8Array(12));

/**
 * Reads a trial event: `command`, `body`, and optionally the other keys of `ownKeys`, of which `sample` chooses by `id`.
 * A body that names its own `CallbackCommand` may be given alone.
 * @param now the default of `receivedAt`, Unix milliseconds
 * @returns undefined if something in it is wrong, which has then been reported through `path`
 */
export function readTrialEvent(value: Json, path: SettingPath, now: number): Event | undefined {
  if (!isObject(value)) return path.problem(say`expected an object, ${got(value)}`);
  const isBody = value.command === undefined && typeof value.CallbackCommand === "string";
  const given: JsonObject = isBody ? { command: value.CallbackCommand!, body: value } : value;
  const read = <Value, Otherwise>(key: string, reader: Reader<Value>, otherwise: Otherwise) => {
    const one = given[key] ?? null;
    if (isDeeper(one, maxDepth)) return path.key(key).problem(tooDeep);
    return one === null ? otherwise : reader.read(one, path.key(key), contextWithoutSecrets);
  };

  // A value without a command is probably a body, whose keys are Tencent's.
  const unknown =
    given.command === undefined
      ? []
      : Object.keys(given).filter((key) => ![...ownKeys, ...apiKeys].includes(key));
  for (const key of unknown)
    path.key(key).problem(say`is not a key of an event: did you mean ${nearestOf(key, ownKeys)}?`);
  const name = command.read(given.command ?? null, path.key("command"), contextWithoutSecrets);
  const phase = read("phase", choice("before", "after"), null);
  const app = read("app", plainText, "");
  const clientIp = read("clientIp", plainText, null);
  const platform = read("platform", plainText, null);
  const receivedAt = read("receivedAt", time, now);
  const body = read("body", anyObject, {});
  if (unknown.length > 0) return undefined;
  if (name === undefined || phase === undefined || app === undefined || clientIp === undefined)
    return undefined;
  if (platform === undefined || receivedAt === undefined || body === undefined) return undefined;

  const canonical = canonicalName(name);
  const text = JSON.stringify(body);
  return {
    id: typeof given.id === "string" && readEventId(given.id) ? given.id : noId,
    command: canonical,
    phase: phase ?? catalogue.get(canonical)?.phase ?? phaseByName(canonical),
    known: catalogue.has(canonical) || relayEventOf(canonical) !== undefined,
    valid: true,
    quarantined: false,
    app,
    conversation: null,
    receivedAt,
    clientIp,
    platform,
    query: "",
    body: text,
    size: new TextEncoder().encode(text).length,
    issues: [],
  };
}
