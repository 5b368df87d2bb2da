/**
 * The keys of a rule, one definition each: the kinds of rules that have the key, the values it takes, its meaning and
 * its default. `docs/rules.md` and the JSON Schema of rules are generated from these definitions.
 */
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
  meaning: string;
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
      for (const at of unknown) at.problem(`is not a field that ${key} sees: expected ${fields.join(", ")}`);
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
const batch = record("batch", {
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
    meaning: "The rule's name, unlike any other rule's. A forward rule's name is also its destination's.",
    ...matching(namePattern, "1 to 40 characters of a-z, 0-9 and -"),
  },
  on: {
    kinds: every,
    meaning: "A command or a list of them; `*` stands for any run of characters. Absent: every command.",
    ...oneOrSeveral(
      matching(
        /^[\w.*-]{1,128}$/,
        "a command such as Group.CallbackAfterSendMsg or *.CallbackAfter*, 128 characters at most",
      ),
    ),
  },
  match: {
    kinds: every,
    meaning: "An event pattern. Absent: every event.",
    ...patternOver("match", viewFields),
  },
  sample: {
    kinds: ["forward"],
    meaning: "This share of the events that fit, above 0 and up to 1, chosen by the event's id. Absent: all.",
    ...positiveNumber(1),
  },
  words: {
    kinds: every,
    meaning:
      "A text element of the message holds one of these words, compared as `replace` compares: a list, or `kv:BINDING/key`. Absent: every event. See [Lists of words](#lists-of-words).",
    ...words,
  },
  enabled: {
    kinds: every,
    meaning: "`false` lets events pass by (to hold them, pause the destination).",
    default: true,
    ...flag,
  },
  url: {
    kinds: ["forward"],
    holds: "addresses",
    meaning:
      "The address that events are sent to: `https://…`, `http://…` with ALLOW_PRIVATE_DESTINATIONS, `service:BINDING/path` for a Worker of the same account, `queue:BINDING` for a queue, `r2:BINDING/prefix` for an archive in R2, `listener:` for a program that connects by itself, or `poll:` for a receiver that [fetches its events](polling.md). `$NAME` in it is the secret of that name, `$$` a dollar.",
    ...addressOf("https", "service", "queue", "r2", "listener", "poll"),
  },
  ask: {
    kinds: ["ask"],
    holds: "addresses",
    meaning:
      "The backend that gives the verdict, or a list of them: addresses as in `url`, `https://…`, `service:BINDING/path` or `listener:`.",
    ...oneOrSeveral(addressOf("https", "service", "listener")),
  },
  answer: {
    kinds: ["answer"],
    meaning: "The fields of the answer to Tencent.",
    ...answer,
  },
  secret: {
    kinds: ["forward", "ask"],
    holds: "secrets",
    meaning:
      "Signs requests: a Standard Webhooks secret, or several while rotating; best as `$NAME`, which may hold several, separated by commas.",
    ...signingSecrets,
  },
  headers: {
    kinds: ["forward", "ask"],
    holds: "secrets",
    meaning:
      "Further headers, printable ASCII. `$NAME` in a value is the secret of that name, `$$` a dollar.",
    ...headers,
  },
  timeoutMs: {
    kinds: ["forward"],
    meaning: "How long a destination may take to answer.",
    default: 10_000,
    ...wholeNumber(1, 60_000),
  },
  retry: {
    kinds: ["forward"],
    meaning: "Waits between attempts: `200ms`, `5s`, `5m`, `2h`. An empty list: one attempt only.",
    default: ["5s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "24h"],
    ...waits,
  },
  order: {
    kinds: ["forward"],
    meaning:
      "`conversation`: the first deliveries of a conversation's events go out in the order in which the events were kept.",
    default: "none",
    ...choice("none", "conversation"),
  },
  concurrency: {
    kinds: ["forward"],
    meaning:
      "At most so many posts at once, divided among the shards. Five at first; more while events wait and answers stay quick and good, fewer on failures and slowing answers.",
    default: 50,
    ...wholeNumber(1, 1000),
  },
  ratePerSecond: {
    kinds: ["forward"],
    meaning: "Posts a second, divided among the shards. Absent: no limit.",
    ...positiveNumber(100_000),
  },
  format: {
    kinds: ["forward", "ask"],
    meaning: "The format of the request: tim-relay's envelope, Tencent's own request, or CloudEvents.",
    default: "event",
    ...choice("event", "raw", "cloudevents"),
  },
  callbackToken: {
    kinds: ["forward", "ask"],
    holds: "secrets",
    meaning:
      "With `raw` only: signs the query afresh with this token, the way Tencent does; best as `$NAME`.",
    ...secretText,
  },
  template: {
    kinds: ["forward"],
    holds: "credentials",
    meaning:
      "The body instead of that of `format`: any JSON, in whose texts `{{body.From_Account}}` stands for a field that `match` sees.",
    ...template,
  },
  succeeds: {
    kinds: ["forward"],
    meaning:
      "A pattern over `status` and `body` of a 2xx answer: one that does not fit is a failure. Absent: every 2xx is a success.",
    ...patternOver("succeeds", answerFields),
  },
  batch: {
    kinds: ["forward"],
    meaning:
      "Up to `size` events (100) in one POST, waiting up to `ms` for them (1000). Not with `raw`. An archive in R2 always has it: 10000 events, 300000 ms; elsewhere 1000 and 60000 are the most.",
    ...batch,
  },
  deadlineMs: {
    kinds: ["ask"],
    meaning: "How long all backends together may take.",
    default: 1200,
    ...wholeNumber(1, 1600),
  },
  otherwise: {
    kinds: ["ask"],
    meaning: "The verdict when no answer comes in time: `allow`, `refuse`, or an answer's fields.",
    default: "allow",
    ...otherwise,
  },
  shadow: {
    kinds: ["ask"],
    meaning: "`true`: the backend is asked and its verdict recorded, but never used.",
    default: false,
    ...flag,
  },
  combine: {
    kinds: ["ask"],
    meaning:
      "How the answers of several backends make one verdict: the first refusal wins at once, else all must allow.",
    default: "first-refusal",
    ...choice("first-refusal"),
  },
  limit: {
    kinds: ["ask", "answer"],
    meaning:
      "A further condition, which fits events that come too often: all beyond `count` of one value of the field `by` within any `seconds`.",
    ...limit,
  },
  replace: {
    kinds: ["answer"],
    meaning:
      "Words to mask in text elements: a list (masked by `*`), an object from word to mask, or `kv:BINDING/key` (masked by `*`).",
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
