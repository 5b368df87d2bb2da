/** The kinds of argument that tools take. The gateway checks their meaning, and says so in a sentence. */
import * as v from "valibot";

/** Longer texts name nothing. Characters. */
const longest = 512;

export const text = (description: string) =>
  v.pipe(
    v.string("expected a text"),
    v.minLength(1, "is empty: leave it out"),
    v.maxLength(longest, `is longer than ${longest} characters`),
    v.description(description),
  );

export const maybe = <const Schema extends v.GenericSchema>(schema: Schema) => v.exactOptional(schema);

export const choice = <const Words extends readonly [string, ...string[]]>(
  words: Words,
  description: string,
) => v.pipe(v.picklist(words, `expected one of ${words.join(", ")}`), v.description(description));

export const wholeNumber = (least: number, most: number, description: string) => {
  const expected = `expected a whole number from ${least} to ${most}`;
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(least, expected),
    v.maxValue(most, expected),
    v.description(description),
  );
};

/** How many items a tool lists unless it is asked for another number, and at most. */
export const usualLimit = 20;
export const limit = maybe(wholeNumber(1, 50, `How many at most; ${usualLimit} if it is left out.`));

export const cursor = maybe(text("The `cursor` that the answer before has named, to go on from there."));

/** How to go on where a list has more. */
export const after = (cursor: string | null) =>
  cursor === null ? "There are no more." : `For more, ask again with cursor: ${cursor}`;

/** How to ask for a page of which not all fits. A cursor that was given stays. */
export const smaller = (shown: number) => `ask again with limit: ${shown}`;

export const eventId = text("The id of an event: `evt_…`.");

export const destination = text("The name of a destination, which is the name of its rule.");

export const destinations = maybe(
  v.pipe(
    v.array(destination, "expected a list of names"),
    v.minLength(1, "names none: leave it out"),
    v.description("Names of destinations; left out: all that are concerned."),
  ),
);

const time = "a time such as `2026-11-22T08:00:00Z`, or `2h` before now";

export const since = text(`The beginning of a period, inclusive: ${time}.`);
export const until = text(`The end of a period, exclusive: ${time}.`);
