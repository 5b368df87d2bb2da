/**
 * The kinds of field that queries and bodies are made of. The message of a field names the values that it accepts. It
 * never repeats the given value.
 */
import * as v from "valibot";
import { parseRecent } from "../rule/instant.ts";
import { isObject, type JsonObject } from "../rule/json.ts";
import { say } from "../sentence.ts";
import { decodeCursor, newest } from "./page.ts";

/** Named schemas: a query's read texts, a body's read JSON values. An absent value is `undefined`. */
export type Fields = Readonly<Record<string, v.GenericSchema>>;

/** A text; absent and empty are null. */
export const text = (description: string) =>
  v.nullish(
    v.pipe(
      v.string(say`expected a text`),
      v.description(description),
      v.transform((given) => given || null),
    ),
    null,
  );

/** A field of a query that tells of bodies: a caller that sees metadata alone may not use it. */
export const ofBodies = <const Schema extends v.GenericSchema>(field: Schema) =>
  v.pipe(field, v.metadata({ tellsOfBodies: true }));

export const tellsOfBodies = (field: v.GenericSchema) => v.getMetadata(field).tellsOfBodies === true;

/** One of some words; absent and empty are null. */
export const choice = <const Word extends string>(words: readonly Word[], description: string) =>
  v.nullish(
    v.pipe(
      v.string(say`expected a text`),
      v.check(
        (given) => given === "" || words.some((word) => word === given),
        say`expected one of ${words.join(", ")}`,
      ),
      v.metadata({ description, enum: words }),
      v.transform((given) => words.find((word) => word === given) ?? null),
    ),
    null,
  );

/** A list of texts, each taken once; absent is null. */
export const texts = (description: string) => {
  const expected = say`expected a list of texts`;
  return v.nullish(
    v.pipe(
      v.array(v.string(expected), expected),
      v.description(description),
      v.transform((given) => [...new Set(given)]),
    ),
    null,
  );
};

interface Range {
  least: number;
  most: number;
  /** Stands for an absent number. */
  otherwise: number;
}

/** A whole number of a body; absent is null. */
export function wholeNumber({ least, most, otherwise }: Range, description: string) {
  return v.nullish(v.pipe(within(least, most), v.metadata({ description, default: otherwise })), null);
}

/** A whole number of a query, in digits. */
export function digits({ least, most, otherwise }: Range, description: string) {
  return v.optional(
    v.pipe(
      v.string(),
      v.check((given) => /^\d{1,15}$/.test(given), expectedWithin(least, most)),
      v.metadata({ description, type: "integer", minimum: least, maximum: most, default: otherwise }),
      v.transform(Number),
      within(least, most),
    ),
    String(otherwise),
  );
}

/** A whole number of a query, in digits; absent and empty are null. */
export function optionalDigits({ least, most }: Omit<Range, "otherwise">, description: string) {
  return v.nullish(
    v.pipe(
      v.string(),
      v.check(
        (given) =>
          given === "" || (/^\d{1,15}$/.test(given) && Number(given) >= least && Number(given) <= most),
        expectedWithin(least, most),
      ),
      v.metadata({ description, type: "integer", minimum: least, maximum: most }),
      v.transform((given) => (given === "" ? null : Number(given))),
    ),
    null,
  );
}

function within(least: number, most: number) {
  const expected = expectedWithin(least, most);
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(least, expected),
    v.maxValue(most, expected),
  );
}

const expectedWithin = (least: number, most: number) => say`expected a whole number from ${least} to ${most}`;

const expectedTime = say`expected a time such as 2026-11-22T08:00:00Z, or 2h, 30m before now`;

/** A point in time as Unix milliseconds; empty is null. @param hint is added for a text with a space */
const point = (description: string, hint: string) =>
  v.pipe(
    v.string(expectedTime),
    v.metadata({ description, examples: ["2026-11-22T08:00:00Z", "2h"] }),
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
      const ms = value === "" ? null : parseRecent(value, Date.now());
      if (ms !== null || value === "") return ms;
      addIssue({ message: value.includes(" ") ? expectedTime + hint : expectedTime });
      return NEVER;
    }),
  );

/** The same; absent is null too. */
const instant = (description: string, hint = "") => v.nullish(point(description, hint), null);

/** A point in time that must be given, as Unix milliseconds. */
export const requiredInstant = (description: string) =>
  v.pipe(
    point(description, ""),
    v.check((ms) => ms !== null, expectedTime),
    v.transform((ms) => ms!),
  );

/** A text that must be given. */
export const requiredText = (description: string, expected: string) =>
  v.pipe(v.string(expected), v.minLength(1, expected), v.description(description));

/** True or false; absent is false. */
export const flag = (description: string) =>
  v.nullish(v.pipe(v.boolean(say`expected true or false`), v.description(description)), false);

const since = "The beginning of a period, inclusive: a time, or `2h` before now.";
const until = "The end of a period, exclusive: a time, or `2h` before now.";

/** A period in a query, where a plus sign is read as a space. */
export const periodOfQuery = () => ({
  since: instant(since, "; + is written %2B here"),
  until: instant(until, "; + is written %2B here"),
});

/** A period in a body. */
export const periodOfBody = () => ({ since: instant(since), until: instant(until) });

const expectedShards = say`expected numbers of shards with commas between them, such as 2 or 2,5`;

/** Numbers of shards in a query; absent and empty are none. */
export const without = () =>
  v.nullish(
    v.pipe(
      v.string(),
      v.check((given) => /^(\d{1,4}(,\d{1,4})*)?$/.test(given), expectedShards),
      v.metadata({
        description: "Shards to leave out, by number: the others can be seen while these do not answer.",
        examples: ["2"],
      }),
      v.transform((given) => (given === "" ? [] : [...new Set(given.split(",").map(Number))])),
    ),
    "",
  );

/** How many items a page holds. */
export const pageRange = { least: 1, most: 200, otherwise: 50 };

/** The place in a list over all shards where the next page begins; absent is the beginning of the list. */
export const cursor = () =>
  v.pipe(
    v.nullish(
      v.pipe(
        v.string(say`expected a text`),
        v.description("The `cursor` of the page before."),
        v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
          const cursor = decodeCursor(value);
          if (cursor !== null) return cursor;
          addIssue({ message: say`is not one that this list has given` });
          return NEVER;
        }),
      ),
    ),
    v.transform((cursor) => cursor ?? newest),
  );

/** A page of a list. */
export const paging = () => ({ limit: digits(pageRange, "How many items at most."), cursor: cursor() });

/** JSON Schema of an object of any keys. */
export const anyObject = { type: "object", additionalProperties: true };

/** A JSON object of any keys; absent is null. */
export const object = (description: string) =>
  v.nullish(
    v.pipe(
      v.unknown(),
      v.check(isObject, say`expected an object`),
      v.metadata({ description, ...anyObject }),
      v.transform((given) => given as JsonObject),
    ),
    null,
  );

/** Any JSON value, which the route reads itself; absent is undefined. */
export const anything = (description: string, schema: Readonly<Record<string, unknown>> = {}) =>
  v.optional(v.pipe(v.unknown(), v.metadata({ description, ...schema })));
