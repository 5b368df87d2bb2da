/** The kinds of values that rules are made of: how each is read, and how JSON Schema says it. */
import { type DestinationPolicy, destinationProblem } from "./destination.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { is, isObject, type Json, type JsonObject, show } from "./json.ts";
import type { AnswerFields, Destination, Replacement } from "./rule.ts";
import { isSample, sampleProblem } from "./sample.ts";
import { type Secrets, secretsOf, withSecrets } from "./secret.ts";
import { complete, type SettingPath, shownName } from "./setting-path.ts";

/** What the settings around the rules say. */
export interface RuleContext extends DestinationPolicy, Secrets {
  /** How long events are kept. */
  retentionMs: number;
}

export interface Reader<Value> {
  schema: JsonObject;
  /** Undefined if the value is wrong, which is said at the place. */
  read(value: Json, place: SettingPath, context: RuleContext): Value | undefined;
}

export const flag: Reader<boolean> = {
  schema: { type: "boolean" },
  read: (value, place) =>
    typeof value === "boolean" ? value : place.problem(`must be true or false${is(value)}`),
};

export const wholeNumber = (minimum: number, maximum: number): Reader<number> => ({
  schema: { type: "integer", minimum, maximum },
  read: (value, place) =>
    typeof value === "number" && Number.isInteger(value) && value >= minimum && value <= maximum
      ? value
      : place.problem(`must be a whole number from ${minimum} to ${maximum}${is(value)}`),
});

export const positiveNumber = (maximum: number): Reader<number> => ({
  schema: { type: "number", exclusiveMinimum: 0, maximum },
  read: (value, place) =>
    typeof value === "number" && value > 0 && value <= maximum
      ? value
      : place.problem(`must be a number above 0 and up to ${maximum}${is(value)}`),
});

export const choice = <const Choice extends string>(...choices: readonly Choice[]): Reader<Choice> => ({
  schema: { enum: choices },
  read: (value, place) =>
    choices.find((one) => one === value) ??
    place.problem(`must be ${choices.map((one) => show(one)).join(" or ")}${is(value)}`),
});

/** A text, all of which fits the expression. */
export const matching = (expression: RegExp, what: string): Reader<string> => ({
  schema: { type: "string", pattern: expression.source },
  read: (value, place) =>
    typeof value === "string" && expression.test(value)
      ? value
      : place.problem(`must be ${what}${is(value)}`),
});

/** One value, or a list of at least one. */
export const oneOrSeveral = <Value>({ schema, read }: Reader<Value>): Reader<readonly Value[]> => ({
  schema: { anyOf: [schema, { type: "array", items: schema, minItems: 1 }] },
  read(value, place, context) {
    if (!Array.isArray(value)) return complete([read(value, place, context)]);
    if (value.length === 0) return place.problem("must not be an empty list");
    return complete(value.map((item, index) => read(item, place.item(index), context)));
  },
});

/** An address; secrets may stand inside it, or be all of it. White space around it is no part of it. */
export const destination: Reader<Destination> = {
  schema: { type: "string", pattern: `^\\s*(${inAnyCase("http")}[sS]?://|\\$[A-Za-z_])` },
  read(value, place, context) {
    // Not shown: an address may well hold its key.
    if (typeof value !== "string") return place.problem("must be a URL");
    const written = value.trim();
    const url = withSecrets(written, "address", place, context);
    if (url === undefined) return undefined;
    const problem = destinationProblem(url, context);
    return problem === null ? { url, written } : place.problem(problem);
  },
};

/** A list of waits; an empty one is none at all. Read as milliseconds. */
export const waits: Reader<readonly number[]> = {
  schema: {
    type: "array",
    items: { type: "string", pattern: "^\\d{1,9}(ms|s|m|h)$" },
    maxItems: 50,
  },
  read(value, place) {
    if (!Array.isArray(value) || value.length > 50) {
      return place.problem('must be a list of at most 50 waits such as ["5s", "5m", "2h"]');
    }
    return complete(
      (value as readonly Json[]).map((item, index) => {
        const ms = typeof item === "string" ? parseDuration(item) : null;
        return (
          ms ?? place.item(index).problem(`must be a wait such as "200ms", "5s", "5m" or "2h"${is(item)}`)
        );
      }),
    );
  },
};

/** What is unwise about waits, given how long events are kept; null if nothing is. */
export function retryWarning(ms: readonly number[], retentionMs: number): string | null {
  const kept = `longer than events are kept (${formatDuration(retentionMs)})`;
  const longest = Math.max(0, ...ms);
  if (longest > retentionMs) return `waits ${formatDuration(longest)}, ${kept}`;
  const sum = ms.reduce((total, one) => total + one, 0);
  return sum > retentionMs
    ? `waits ${formatDuration(sum)} in all, ${kept}: the last attempts never come`
    : null;
}

/** A secret, in which `$NAME` is read as in addresses and headers. White space around it is no part of it. */
export const secretText: Reader<string> = {
  schema: { type: "string", pattern: "\\S" },
  read(value, place, context) {
    if (Array.isArray(value)) return place.problem("must be one text, not a list: it takes no second one");
    const text = typeof value === "string" ? value.trim() : "";
    if (text === "") return place.problem("must be a text, best $NAME of a secret");
    if (isSample(text) && !context.local) return place.problem(sampleProblem);
    return withSecrets(text, "token", place, context);
  },
};

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme */
const signingSecret: Reader<readonly string[]> = {
  schema: { type: "string", pattern: `^(\\$[A-Za-z_]\\w*|${base64Of24To64Bytes()})$` },
  read(value, place, context) {
    if (typeof value !== "string" || value === "")
      return place.problem("must be a text, best $NAME of a secret");
    const secrets = secretsOf(value, place, context);
    if (secrets === undefined || secrets.every(isSigningSecret)) return secrets;
    const subject = secrets[0] === value ? "" : `${value} `;
    return place.problem(`${subject}must be whsec_ and the base64 of 24 to 64 bytes`);
  },
};

/** One, or a list; a secret that is named may be several, too. */
export const signingSecrets: Reader<readonly string[]> = {
  schema: oneOrSeveral(signingSecret).schema,
  read: (value, place, context) => oneOrSeveral(signingSecret).read(value, place, context)?.flat(),
};

/** Four characters for three bytes; where one or two bytes are left over, they end in `=`. */
function base64Of24To64Bytes(): string {
  const character = "[A-Za-z0-9+/]";
  const upTo62 = `(${character}{4}){8,20}(${character}{2}==|${character}{3}=)?`;
  return `whsec_(${upTo62}|(${character}{4}){21}(${character}{2}==)?)`;
}

function isSigningSecret(secret: string): boolean {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  if (base64 === undefined || base64.length % 4 !== 0) return false;
  const bytes = atob(base64).length;
  return bytes >= 24 && bytes <= 64;
}

/** Set by tim-relay itself, by the platform, or by the connection. */
const reservedHeader =
  "content-(type|length|encoding)|host|connection|keep-alive|proxy-.*|transfer-encoding|te|trailer|upgrade|expect|date|user-agent|webhook-.*|tim-relay-.*|cf-.*";
const isReserved = new RegExp(`^(${reservedHeader})$`, "i");
const headerName = "[!#$%&'*+.^_`|~\\w-]+";
const isHeaderName = new RegExp(`^${headerName}$`);

/** What every server reads alike. */
const headerValue = "[\\t\\x20-\\x7e]*";
const isHeaderValue = new RegExp(`^${headerValue}$`);

export const headers: Reader<Readonly<Record<string, string>>> = {
  schema: {
    type: "object",
    propertyNames: {
      pattern: `^${headerName}$`,
      not: { pattern: `^(${inAnyCase(reservedHeader)})$` },
    },
    additionalProperties: { type: "string", pattern: `^${headerValue}$` },
  },
  read(value, place, context) {
    if (!isObject(value))
      return place.problem('must be an object such as {"authorization": "Bearer $TOKEN"}');
    const seen = new Map<string, string>();
    const entries = Object.entries(value).map(([name, one]): [string, string] | undefined => {
      const at = place.key(name);
      const twin = seen.get(name.toLowerCase());
      if (twin !== undefined) return at.problem(`is the same header as ${shownName(twin)}`);
      seen.set(name.toLowerCase(), name);
      if (!isHeaderName.test(name)) return at.problem("is not the name of a header");
      if (isReserved.test(name)) return at.problem("is a header that tim-relay or the connection sets");
      // Not shown: what stands in a header may well be a secret.
      if (typeof one !== "string") return at.problem("must be a text");
      const text = withSecrets(one, "header", at, context);
      if (text === undefined) return undefined;
      return isHeaderValue.test(text)
        ? [name, text]
        : at.problem("must hold printable ASCII only: no line ends, control characters, or other letters");
    });
    const right = complete(entries);
    return right && Object.fromEntries(right);
  },
};

/** JSON Schema's patterns have no flag for it. */
function inAnyCase(pattern: string): string {
  return pattern.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

export const plainText: Reader<string> = {
  schema: { type: "string" },
  read: (value, place) => (typeof value === "string" ? value : place.problem(`must be a text${is(value)}`)),
};

export const anyObject: Reader<JsonObject> = {
  schema: { type: "object" },
  read: (value, place) => (isObject(value) ? value : place.problem(`must be an object${is(value)}`)),
};

const listOf = <Value>({ schema, read }: Reader<Value>): Reader<readonly Value[]> => ({
  schema: { type: "array", items: schema },
  read: (value, place, context) =>
    Array.isArray(value)
      ? complete(value.map((item, index) => read(item, place.item(index), context)))
      : place.problem(`must be a list${is(value)}`),
});

/** An object with some of the fields, and no others. */
const record = <Value>(
  what: string,
  fields: Readonly<Record<string, Reader<Value>>>,
): Reader<Record<string, Value>> => ({
  schema: {
    type: "object",
    properties: Object.fromEntries(Object.entries(fields).map(([name, { schema }]) => [name, schema])),
    additionalProperties: false,
  },
  read(value, place, context) {
    if (!isObject(value)) return place.problem(`must be an object${is(value)}`);
    const entries = Object.entries(value).map(([name, field]): [string, Value] | undefined => {
      const at = place.key(name);
      if (!Object.hasOwn(fields, name)) {
        return at.problem(`is not a field of ${what}: expected ${Object.keys(fields).join(", ")}`);
      }
      const one = fields[name]!.read(field, at, context);
      return one === undefined ? undefined : [name, one];
    });
    const right = complete(entries);
    return right && Object.fromEntries(right);
  },
});

const batchSize = record("batch", { size: wholeNumber(1, 1000), ms: wholeNumber(0, 60_000) });

export const batch: Reader<{ size: number; ms: number }> = {
  schema: batchSize.schema,
  read(value, place, context) {
    const given = batchSize.read(value, place, context);
    return given && { size: 100, ms: 1000, ...given };
  },
};

/** What Tencent reads in answers, all commands together. */
export const answer: Reader<AnswerFields> = record<unknown>("an answer", {
  ActionStatus: choice("OK", "FAIL"),
  ErrorCode: wholeNumber(0, 1_000_000),
  ErrorInfo: plainText,
  MsgBody: listOf(anyObject),
  CloudCustomData: plainText,
  RspData: plainText,
  RefusedMembers_Account: listOf(plainText),
  RefusedSubscribers_Account: listOf(plainText),
  ResultItem: listOf(anyObject),
});

const word = matching(/./su, "a word");

/** A list of words, or an object from word to mask. */
export const replacements: Reader<readonly Replacement[]> = {
  schema: {
    anyOf: [
      { type: "array", items: { type: "string", minLength: 1 }, minItems: 1 },
      { type: "object", additionalProperties: { type: "string" }, minProperties: 1 },
    ],
  },
  read(value, place, context) {
    const replacement = (
      one: Json,
      mask: string | undefined | null,
      at: SettingPath,
    ): Replacement | undefined => {
      const read = word.read(one, at, context);
      return read === undefined || mask === undefined ? undefined : { word: read, mask };
    };
    if (Array.isArray(value) && value.length > 0) {
      return complete(value.map((one: Json, index) => replacement(one, null, place.item(index))));
    }
    if (isObject(value) && Object.keys(value).length > 0) {
      return complete(
        Object.entries(value).map(([one, mask]) =>
          replacement(one, plainText.read(mask, place.key(one), context), place.key(one)),
        ),
      );
    }
    return place.problem('must be a list of words, or an object such as {"word": "***"}');
  },
};
