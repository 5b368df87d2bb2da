/**
 * The keys of a rule, one definition each: which kinds of rules have it, what it takes, what it means, and the part of
 * the finished rule that comes of it.
 */
import { type DestinationPolicy, destinationProblem } from "./destination.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { isObject, type Json, show } from "./json.ts";
import { complete, type Place } from "./place.ts";
import type { AnswerFields, Replacement, Rule } from "./rule.ts";

export type Kind = Rule["kind"];

/** What the settings around the rules say. */
export interface RuleContext extends DestinationPolicy {
  /** The value of a secret or variable; undefined if it is not set. */
  secret(name: string): string | undefined;
  /** How long events are kept. */
  retentionMs: number;
}

export interface Key<Value> {
  kinds: readonly Kind[];
  meaning: string;
  /** Undefined if the value is wrong, which is said at the place. */
  read(value: Json, place: Place, context: RuleContext): Value | undefined;
}

const key = <Value>(definition: Key<Value>): Key<Value> => definition;

const every = ["forward", "ask", "answer"] as const;

export const namePattern = /^[a-z0-9-]{1,40}$/;

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

export const defaultRetryMs: readonly number[] = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

export const keys = {
  name: key({
    kinds: every,
    meaning: "What the rule is called; a forward rule's name is its destination's. Unique.",
    read: (value, place) =>
      typeof value === "string" && namePattern.test(value)
        ? value
        : place.problem("must be 1 to 40 characters of a-z, 0-9 and -"),
  }),
  on: key({
    kinds: every,
    meaning: "A command or a list of them; `*` stands for any run of characters. Absent: every command.",
    read(value, place) {
      const commands = Array.isArray(value) ? (value as readonly Json[]) : [value];
      if (commands.length === 0) return place.problem("must not be an empty list");
      const wrong = commands.findIndex(
        (command) => typeof command !== "string" || !/^[\w.*-]+$/.test(command),
      );
      if (wrong === -1) return commands as readonly string[];
      return (Array.isArray(value) ? place.item(wrong) : place).problem(
        `must be a command such as Group.CallbackAfterSendMsg or *.CallbackAfter*, is ${show(commands[wrong])}`,
      );
    },
  }),
  enabled: key({
    kinds: every,
    meaning: "`false` lets events pass by (to hold them, pause the destination).",
    read: flag,
  }),
  url: key({ kinds: ["forward"], meaning: "Where events go, by POST.", read: destination }),
  ask: key({
    kinds: ["ask"],
    meaning: "The backend that gives the verdict, or a list of them.",
    read(value, place, context) {
      if (!Array.isArray(value)) return complete([destination(value, place, context)]);
      if (value.length === 0) return place.problem("must not be an empty list");
      return complete(value.map((item, index) => destination(item, place.item(index), context)));
    },
  }),
  answer: key({ kinds: ["answer"], meaning: "The answer's fields, as Tencent reads them.", read: answer }),
  secret: key({
    kinds: ["forward", "ask"],
    meaning:
      "Signs what is sent: a Standard Webhooks secret, or a list of them while rotating. Best as `$NAME`.",
    read(value, place, context) {
      if (!Array.isArray(value)) return complete([signingSecret(value, place, context)]);
      if (value.length === 0) return place.problem("must not be an empty list");
      return complete(value.map((item, index) => signingSecret(item, place.item(index), context)));
    },
  }),
  headers: key({
    kinds: ["forward", "ask"],
    meaning: "Further headers. `$NAME` in a value is the secret of that name, `$$` a dollar.",
    read: headers,
  }),
  timeoutMs: key({
    kinds: ["forward"],
    meaning: "How long a destination may take to answer.",
    read: (value, place) => number(value, place, 1, 60_000),
  }),
  retry: key({
    kinds: ["forward"],
    meaning: "Waits between attempts, each `200ms`, `5s`, `5m` or `2h`; an empty list: one attempt.",
    read(value, place) {
      if (!Array.isArray(value) || value.length > 50) {
        return place.problem('must be a list of at most 50 waits such as ["5s", "5m", "2h"]');
      }
      return complete(
        (value as readonly Json[]).map((item, index) => {
          const ms = typeof item === "string" ? parseDuration(item) : null;
          return (
            ms ??
            place.item(index).problem(`must be a wait such as "200ms", "5s", "5m" or "2h", is ${show(item)}`)
          );
        }),
      );
    },
  }),
  order: key({
    kinds: ["forward"],
    meaning: "`conversation` keeps first deliveries of a conversation in the order in which they were kept.",
    read: (value, place) => choice(value, place, ["none", "conversation"]),
  }),
  concurrency: key({
    kinds: ["forward"],
    meaning: "Parallel posts, divided among the shards.",
    read: (value, place) => number(value, place, 1, 1000),
  }),
  ratePerSecond: key({
    kinds: ["forward"],
    meaning: "Posts a second, divided among the shards.",
    read: (value, place) =>
      typeof value === "number" && value > 0 && value <= 100_000
        ? value
        : place.problem(`must be a number above 0 and up to 100000, is ${show(value)}`),
  }),
  format: key({
    kinds: ["forward"],
    meaning: "What is sent: an envelope of ours, Tencent's own request, or CloudEvents.",
    read: (value, place) => choice(value, place, ["event", "raw", "cloudevents"]),
  }),
  callbackToken: key({
    kinds: ["forward"],
    meaning: "With `raw`: the token that signs the forwarded query the way Tencent does. Best as `$NAME`.",
    read: (value, place, context) => secretText(value, place, context),
  }),
  batch: key({
    kinds: ["forward"],
    meaning: "Sends up to `size` events in one POST, waiting up to `ms` for them. Not with `raw`.",
    read(value, place) {
      if (!isObject(value)) return place.problem('must be an object such as {"size": 100, "ms": 1000}');
      const unknown = Object.keys(value).filter((name) => name !== "size" && name !== "ms");
      for (const name of unknown) place.key(name).problem("is not a key of batch: expected size or ms");
      const size = value.size === undefined ? 100 : number(value.size, place.key("size"), 1, 1000);
      const ms = value.ms === undefined ? 1000 : number(value.ms, place.key("ms"), 0, 60_000);
      return size === undefined || ms === undefined || unknown.length > 0 ? undefined : { size, ms };
    },
  }),
  deadlineMs: key({
    kinds: ["ask"],
    meaning: "How long all backends together may take.",
    read: (value, place) => number(value, place, 1, 1600),
  }),
  otherwise: key({
    kinds: ["ask"],
    meaning: "The verdict when none comes in time: `allow`, `refuse`, or an answer's fields.",
    read: (value, place) =>
      isObject(value)
        ? answer(value, place)
        : value === "allow" || value === "refuse"
          ? value
          : place.problem(`must be "allow", "refuse" or an answer object, is ${show(value)}`),
  }),
  shadow: key({ kinds: ["ask"], meaning: "Asks and records, and never uses the verdict.", read: flag }),
  combine: key({
    kinds: ["ask"],
    meaning: "How several opinions make one: the first refusal wins at once, else all must allow.",
    read: (value, place) => choice(value, place, ["first-refusal"]),
  }),
  replace: key({
    kinds: ["answer"],
    meaning: "Words to mask in text elements: a list, or an object from word to mask.",
    read(value, place): readonly Replacement[] | undefined {
      if (Array.isArray(value) && value.length > 0) {
        return complete(
          (value as readonly Json[]).map((word, index) => replacement(word, null, place.item(index))),
        );
      }
      if (isObject(value) && Object.keys(value).length > 0) {
        return complete(
          Object.entries(value).map(([word, mask]) => replacement(word, mask, place.key(word))),
        );
      }
      return place.problem('must be a list of words, or an object such as {"word": "***"}');
    },
  }),
};

function flag(value: Json, place: Place): boolean | undefined {
  return typeof value === "boolean" ? value : place.problem(`must be true or false, is ${show(value)}`);
}

function number(value: Json, place: Place, least: number, most: number): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most
    ? value
    : place.problem(`must be a whole number from ${least} to ${most}, is ${show(value)}`);
}

function choice<const Choice extends string>(
  value: Json,
  place: Place,
  choices: readonly Choice[],
): Choice | undefined {
  return (
    choices.find((one) => one === value) ??
    place.problem(`must be ${choices.map((one) => `"${one}"`).join(" or ")}, is ${show(value)}`)
  );
}

function destination(value: Json, place: Place, context: RuleContext): string | undefined {
  if (typeof value !== "string") return place.problem(`must be a URL, is ${show(value)}`);
  const problem = destinationProblem(value, context);
  return problem === null ? value : place.problem(problem);
}

/** A text that may be `$NAME`, the secret of that name. */
function secretText(value: Json, place: Place, context: RuleContext): string | undefined {
  if (typeof value !== "string" || value === "")
    return place.problem("must be a text, best $NAME of a secret");
  const [, name] = /^\$([A-Za-z_]\w*)$/.exec(value) ?? [];
  if (name === undefined) return value;
  return context.secret(name) ?? place.problem(`$${name} is not set`);
}

function signingSecret(value: Json, place: Place, context: RuleContext): string | undefined {
  const secret = secretText(value, place, context);
  if (secret === undefined || isSigningSecret(secret)) return secret;
  const what = secret === value ? "" : `${value} `;
  return place.problem(`${what}must be whsec_ and the base64 of 24 to 64 bytes`);
}

function isSigningSecret(secret: string): boolean {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  if (base64 === undefined || base64.length % 4 !== 0) return false;
  const bytes = atob(base64).length;
  return bytes >= 24 && bytes <= 64;
}

/** Set by tim-relay itself, or by the connection. */
const reservedHeader =
  /^(content-(type|length|encoding)|host|connection|keep-alive|proxy-.*|transfer-encoding|te|trailer|upgrade|expect|date|user-agent|webhook-.*|cf-.*)$/;

function headers(
  value: Json,
  place: Place,
  context: RuleContext,
): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return place.problem('must be an object such as {"authorization": "Bearer $TOKEN"}');
  const seen = new Map<string, string>();
  const entries = Object.entries(value).map(([name, given]): [string, string] | undefined => {
    const at = place.key(name);
    const lower = name.toLowerCase();
    const twin = seen.get(lower);
    seen.set(lower, name);
    if (twin !== undefined) return at.problem(`is the same header as ${twin}`);
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) return at.problem("is not the name of a header");
    if (reservedHeader.test(lower)) return at.problem("is a header that tim-relay or the connection sets");
    const text = headerText(given, at, context);
    return text === undefined ? undefined : [name, text];
  });
  const named = complete(entries);
  return named && Object.fromEntries(named);
}

function headerText(value: Json, place: Place, context: RuleContext): string | undefined {
  if (typeof value !== "string") return place.problem(`must be a text, is ${show(value)}`);
  const unset = new Set<string>();
  const text = value.replace(/\$(?:\$|([A-Za-z_]\w*))/g, (_match, name?: string) => {
    if (name === undefined) return "$";
    const secret = context.secret(name);
    if (secret === undefined) unset.add(`$${name}`);
    return secret ?? "";
  });
  if (unset.size > 0)
    return place.problem(`${[...unset].join(", ")} ${unset.size > 1 ? "are" : "is"} not set`);
  // What fetch refuses would fail every attempt: line ends, NUL, and characters beyond one byte.
  const sendable = [...text].every((character) => character <= "\xff" && !"\0\r\n".includes(character));
  return sendable ? text : place.problem("must not hold line ends, NUL, or characters beyond Latin-1");
}

const answerFields: Readonly<Record<string, (value: Json) => string | null>> = {
  ActionStatus: (value) => (value === "OK" || value === "FAIL" ? null : 'must be "OK" or "FAIL"'),
  ErrorCode: (value) => (Number.isSafeInteger(value) ? null : "must be a whole number"),
  ErrorInfo: isText,
  MsgBody: isList,
  CloudCustomData: isText,
  RspData: isText,
  RefusedMembers_Account: isTexts,
  RefusedSubscribers_Account: isTexts,
  ResultItem: isList,
};

function isText(value: Json): string | null {
  return typeof value === "string" ? null : "must be a text";
}

function isTexts(value: Json): string | null {
  return Array.isArray(value) && value.every((item) => typeof item === "string")
    ? null
    : "must be a list of texts";
}

function isList(value: Json): string | null {
  return Array.isArray(value) && value.every(isObject) ? null : "must be a list of objects";
}

function answer(value: Json, place: Place): AnswerFields | undefined {
  if (!isObject(value)) return place.problem('must be an object such as {"ErrorCode": 1, "ErrorInfo": "…"}');
  let right = true;
  for (const [name, field] of Object.entries(value)) {
    const problem = Object.hasOwn(answerFields, name)
      ? answerFields[name]!(field)
      : `is not a field of an answer: expected one of ${Object.keys(answerFields).join(", ")}`;
    if (problem === null) continue;
    right = false;
    place.key(name).problem(problem);
  }
  return right ? value : undefined;
}

function replacement(word: Json, mask: Json, place: Place): Replacement | undefined {
  if (typeof word !== "string" || word === "") return place.problem("must be a word");
  if (mask !== null && typeof mask !== "string") return place.problem(`must be a text, is ${show(mask)}`);
  return { word, mask };
}

/** What is unwise about the waits, given how long events are kept; null if nothing is. */
export function retryWarning(retryMs: readonly number[], retentionMs: number): string | null {
  const kept = `events are kept (${formatDuration(retentionMs)})`;
  const longest = Math.max(0, ...retryMs);
  if (longest > retentionMs) return `waits ${formatDuration(longest)}, longer than ${kept}`;
  const sum = retryMs.reduce((total, ms) => total + ms, 0);
  return sum > retentionMs
    ? `waits ${formatDuration(sum)} in all, longer than ${kept}: the last attempts never come`
    : null;
}
