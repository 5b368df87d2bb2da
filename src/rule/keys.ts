/**
 * The keys of a rule, one definition each: the kinds of rules that have the key, the values it takes, and its
 * default. `docs/rules.md` and the JSON Schema of rules are generated from these definitions and from `meanings.ts`.
 */

import { say } from "../sentence.ts";
import { leastBatch, mostOf } from "./batches.ts";
import { isObject, type Json } from "./json.ts";
import { compilePattern, type Pattern } from "./match/pattern.ts";
import { addressOf } from "./readers/address.ts";
import { answer } from "./readers/answer.ts";
import { headers } from "./readers/headers.ts";
import { limit } from "./readers/limit.ts";
import {
  choice,
  flag,
  matching,
  oneOrSeveral,
  positiveNumber,
  type Reader,
  record,
  wholeNumber,
} from "./readers/reader.ts";
import { secretText, signingSecrets } from "./readers/signing.ts";
import { waits } from "./readers/waits.ts";
import { replacements, words } from "./readers/words.ts";
import type { AnswerFields, Rule } from "./rule.ts";
import type { SettingPath } from "./setting-path.ts";
import { compileTemplate, type Template } from "./template.ts";
import { viewFields } from "./view.ts";

export type Kind = Rule["kind"];

export interface Key<Value> extends Reader<Value> {
  kinds: readonly Kind[];
  /**
   * Its texts may be secrets, or addresses with keys in them: they are masked where a rule is shown. Of credentials those
   * are masked whose name says that they are: `routing_key`.
   */
  holds?: "secrets" | "addresses" | "credentials";
  /** The default as a rule would write it. */
  default?: Json;
}

export const namePattern = /^[a-z0-9-]{1,40}$/;

const every = ["forward", "ask", "answer"] as const;

/** The fields of an answer that `succeeds` may name at its top level. */
export const answerFields = ["status", "body"] as const;

/** A pattern over an object with these fields. @param key the one of the rule that holds it */
const patternOver = (key: "match" | "succeeds", fields: readonly string[]) =>
  ({
    schema: { $ref: `#/$defs/${key}` },
    read(value: Json, path: SettingPath): Pattern | undefined {
      const unknown = unknownFields(value, fields, path);
      for (const at of unknown)
        at.problem(say`is not a field that ${key as string} sees: expected ${fields.join(", ")}`);
      const pattern = compilePattern(value, path);
      return unknown.length > 0 ? undefined : pattern;
    },
  }) satisfies Reader<Pattern>;

/** Top-level fields of a pattern that are never there: such a pattern would never match, without any error. */
function unknownFields(pattern: Json, fields: readonly string[], path: SettingPath): readonly SettingPath[] {
  if (!isObject(pattern)) return [];
  return Object.entries(pattern).flatMap(([name, inner]) => {
    const at = path.key(name);
    if (name !== "$or") return fields.includes(name.split(".")[0]!) ? [] : [at];
    return Array.isArray(inner)
      ? inner.flatMap((one: Json, index) => unknownFields(one, fields, at.item(index)))
      : [];
  });
}

/** An archive may gather more events than a request, see `batches.ts`. */
const batch = record(say`batch`, {
  size: wholeNumber(leastBatch.size, mostOf("r2").size),
  ms: wholeNumber(leastBatch.ms, mostOf("r2").ms),
});

const template: Reader<Template> = { schema: {}, read: compileTemplate };

const otherwise: Reader<"allow" | "refuse" | AnswerFields> = {
  schema: { anyOf: [{ enum: ["allow", "refuse"] }, answer.schema] },
  read: (value, path, context) =>
    isObject(value)
      ? answer.read(value, path, context)
      : choice("allow", "refuse").read(value, path, context),
};

export const keys = {
  name: {
    kinds: every,
    ...matching(namePattern, say`1 to 40 characters of a-z, 0-9 and -`),
  },
  on: {
    kinds: every,
    ...oneOrSeveral(
      matching(
        /^[\w.*-]{1,128}$/,
        say`a command such as Group.CallbackAfterSendMsg or *.CallbackAfter*, 128 characters at most`,
      ),
    ),
  },
  match: {
    kinds: every,
    ...patternOver("match", viewFields),
  },
  sample: {
    kinds: ["forward"],
    ...positiveNumber(1),
  },
  words: {
    kinds: every,
    ...words,
  },
  enabled: {
    kinds: every,
    default: true,
    ...flag,
  },
  url: {
    kinds: ["forward"],
    holds: "addresses",
    ...addressOf("https", "service", "queue", "r2", "listener", "poll"),
  },
  ask: {
    kinds: ["ask"],
    holds: "addresses",
    ...oneOrSeveral(addressOf("https", "service", "listener")),
  },
  answer: {
    kinds: ["answer"],
    ...answer,
  },
  secret: {
    kinds: ["forward", "ask"],
    holds: "secrets",
    ...signingSecrets,
  },
  headers: {
    kinds: ["forward", "ask"],
    holds: "secrets",
    ...headers,
  },
  timeoutMs: {
    kinds: ["forward"],
    default: 10_000,
    ...wholeNumber(1, 60_000),
  },
  retry: {
    kinds: ["forward"],
    default: ["5s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "24h"],
    ...waits,
  },
  order: {
    kinds: ["forward"],
    default: "none",
    ...choice("none", "conversation"),
  },
  concurrency: {
    kinds: ["forward"],
    default: 50,
    ...wholeNumber(1, 1000),
  },
  ratePerSecond: {
    kinds: ["forward"],
    ...positiveNumber(100_000),
  },
  format: {
    kinds: ["forward", "ask"],
    default: "event",
    ...choice("event", "raw", "cloudevents"),
  },
  callbackToken: {
    kinds: ["forward", "ask"],
    holds: "secrets",
    ...secretText,
  },
  template: {
    kinds: ["forward"],
    holds: "credentials",
    ...template,
  },
  succeeds: {
    kinds: ["forward"],
    ...patternOver("succeeds", answerFields),
  },
  batch: {
    kinds: ["forward"],
    ...batch,
  },
  deadlineMs: {
    kinds: ["ask"],
    default: 1200,
    ...wholeNumber(1, 1600),
  },
  otherwise: {
    kinds: ["ask"],
    default: "allow",
    ...otherwise,
  },
  shadow: {
    kinds: ["ask"],
    default: false,
    ...flag,
  },
  combine: {
    kinds: ["ask"],
    default: "first-refusal",
    ...choice("first-refusal"),
  },
  limit: {
    kinds: ["ask", "answer"],
    ...limit,
  },
  replace: {
    kinds: ["answer"],
    ...replacements,
  },
} satisfies Readonly<Record<string, Key<unknown>>>;

export type Keys = typeof keys;

/** The finished values of one rule's keys. Keys of other kinds of rules are undefined. */
export type Values = {
  readonly [Name in keyof Keys]:
    | Exclude<ReturnType<Keys[Name]["read"]>, undefined>
    | (Keys[Name] extends { default: Json } ? never : undefined);
};
