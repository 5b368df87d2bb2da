/** What rules would do with an event that need not have happened. */
import { canonicalName, catalogue } from "../callback/catalogue.ts";
import { phaseByName } from "../callback/command.ts";
import type { Event } from "../callback/event.ts";
import { parseInstant } from "./instant.ts";
import { is, isDeeper, isObject, type Json, type JsonObject, maxDepth, tooDeep } from "./json.ts";
import type { Failure } from "./match/matcher.ts";
import { nearestOf } from "./nearest.ts";
import type { RuleBook } from "./parse-rules.ts";
import { anyObject, choice, matching, plainText, type Reader, type RuleContext } from "./readers.ts";
import type { SettingPath } from "./setting-path.ts";

export interface TrialResult {
  /** The rule's name. */
  rule: string;
  /** Whether its `on` and `match` fit. */
  matches: boolean;
  failed?: Failure & {
    /** The same as a sentence. */
    why: string;
  };
}

export function runTrial(book: RuleBook, event: Event): TrialResult[] {
  return book.rules.map((rule) => {
    const failure = rule.explain(event);
    return failure === null
      ? { rule: rule.name, matches: true }
      : { rule: rule.name, matches: false, failed: { ...failure, why: sentenceOf(failure) } };
  });
}

function sentenceOf({ field, found, expected }: Failure): string {
  return `${field} is ${found}, and should be ${expected}`;
}

const time: Reader<number> = {
  schema: { type: "string", format: "date-time" },
  read(value, place) {
    const ms = typeof value === "string" ? parseInstant(value) : null;
    return ms ?? place.problem(`must be a time such as 2026-01-31T12:00:00Z${is(value)}`);
  },
};

const command = matching(
  /^[\w.-]{1,128}$/,
  "a command such as Group.CallbackAfterSendMsg, 128 characters at most",
);

/** Nothing here is looked up. */
const context: RuleContext = {
  secret: () => undefined,
  privateNetworks: false,
  local: false,
  retentionMs: Number.POSITIVE_INFINITY,
};

/** Those that are read, and what else the API tells of an event, which may be pasted whole. */
const ownKeys = ["command", "phase", "app", "clientIp", "platform", "receivedAt", "body"];
const listedKeys = ["id", "known", "valid", "state", "conversation", "size"];
const detailKeys = ["query", "issues", "verdict", "deliveries"];

/**
 * Reads an event as people write one to test rules with: `command` and `body`, and if it matters `phase`, `app`,
 * `clientIp`, `platform` and `receivedAt`. A body that names its own `CallbackCommand` may stand by itself.
 * @param now stands for an absent `receivedAt`, Unix milliseconds.
 */
export function readTrialEvent(value: Json, place: SettingPath, now: number): Event | undefined {
  if (!isObject(value)) return place.problem(`must be an object${is(value)}`);
  const bare = value.command === undefined && typeof value.CallbackCommand === "string";
  const given: JsonObject = bare ? { command: value.CallbackCommand!, body: value } : value;
  const read = <Value, Otherwise>(key: string, form: Reader<Value>, otherwise: Otherwise) => {
    const one = given[key] ?? null;
    if (isDeeper(one, maxDepth)) return place.key(key).problem(tooDeep);
    return one === null ? otherwise : form.read(one, place.key(key), context);
  };

  // Without a command it is no event of our form, and its other keys are Tencent's.
  const strangers =
    given.command === undefined
      ? []
      : Object.keys(given).filter((key) => ![...ownKeys, ...listedKeys, ...detailKeys].includes(key));
  for (const key of strangers)
    place.key(key).problem(`is not a key of an event: did you mean ${nearestOf(key, ownKeys)}?`);
  const name = command.read(given.command ?? null, place.key("command"), context);
  const phase = read("phase", choice("before", "after"), null);
  const app = read("app", plainText, "");
  const clientIp = read("clientIp", plainText, null);
  const platform = read("platform", plainText, null);
  const receivedAt = read("receivedAt", time, now);
  const body = read("body", anyObject, {});
  if (strangers.length > 0) return undefined;
  if (name === undefined || phase === undefined || app === undefined || clientIp === undefined)
    return undefined;
  if (platform === undefined || receivedAt === undefined || body === undefined) return undefined;

  const canonical = canonicalName(name);
  const text = JSON.stringify(body);
  return {
    id: "test",
    command: canonical,
    phase: phase ?? catalogue.get(canonical)?.phase ?? phaseByName(canonical),
    known: catalogue.has(canonical),
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
