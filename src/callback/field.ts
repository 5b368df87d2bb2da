/**
 * The kinds of field that callbacks are made of. A field names the thing that happened (who, where, which message):
 * without it a body is a misfit, see `misfit.ts`. `maybe` marks the rest: it has a documented type, and a body that
 * differs is news, see `drift.ts`. Unknown fields pass.
 *
 * A description stands on the schema itself rather than in a pipe around it: nothing to run through, and half
 * the size.
 */
import * as v from "valibot";

/** What a field says to people, and to whoever watches for change. */
export interface Notes {
  readonly description?: string;
  /** The documented values, where there are few; others pass, but are news. */
  readonly known?: readonly (string | number)[];
}

export const text = (description: string) => Object.assign(v.string(), { description });

export const decimal = (description: string) => Object.assign(v.number(), { description });

const wholeNumber = v.pipe(v.number(), v.integer());

export const integer = (description: string) => ({ ...wholeNumber, description });

export const flag = (description: string) => Object.assign(v.boolean(), { description });

/** A text out of a set that is documented, and may grow. */
export const word = <const Known extends string>(known: readonly Known[], description: string) =>
  Object.assign(v.string() as v.GenericSchema<Known | (string & Record<never, never>)>, {
    description,
    known: known as readonly string[],
  });

/** A number out of a set that is documented, and may grow: what each of them means. */
export const code = (description: string, meanings: Readonly<Record<number, string>>) => ({
  ...integer(
    `${description}: ${Object.entries(meanings)
      .map((entry) => entry.join(" "))
      .join(", ")}.`,
  ),
  known: Object.keys(meanings).map(Number),
});

/** An account, a group or a room: a text, or where an app counts them, a whole number that may exceed 2^53. */
export const id = (description: string) => Object.assign(v.union([v.string(), wholeNumber]), { description });

/** Text on some pages and in some traffic, a number in others. */
export const numberOrText = (description: string) =>
  Object.assign(v.union([v.number(), v.string()]), { description });

export const anything = (description: string) => Object.assign(v.unknown(), { description });

export const list = <const Item extends v.GenericSchema>(item: Item, description = "") =>
  Object.assign(v.array(item), { description });

/** At least one item. */
export const nonEmptyList = <const Item extends v.GenericSchema>(item: Item, description: string) =>
  Object.assign(v.pipe(v.array(item), v.minLength(1)), { description });

const notAnObject = { ...v.never(), expects: "Object" };

/** Any further field passes as it is. Unlike valibot's own, an array is no object. */
export function object<const Entries extends v.ObjectEntries>(entries: Entries, description = "") {
  const schema = v.looseObject(entries);
  const run: (typeof schema)["~run"] = (dataset, config) =>
    Array.isArray(dataset.value) ? notAnObject["~run"](dataset, config) : schema["~run"](dataset, config);
  return { ...schema, description, "~run": run };
}

export const maybe = <const Schema extends v.GenericSchema>(schema: Schema) => v.optional(schema);

const plainText = v.string();

/** A structure in the samples, but a text in the tables: both pass. */
export const orText = <const Schema extends v.GenericSchema & Notes>(structure: Schema) =>
  Object.assign(
    v.lazy((input): Schema | typeof plainText => (typeof input === "string" ? plainText : structure)),
    { description: structure.description ?? "", options: [structure, plainText] as const },
  );

const callbackCommand = maybe(text("The command, as in the URL."));

/** A number on the newer pages, a text of digits on the older ones, and missing before about 2021. */
const eventTime = maybe(numberOrText("When it happened, Unix milliseconds: a number or a text of digits."));

/** A body of the usual shape: it repeats its command and, in newer years, holds a time. */
export const body = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  object({ CallbackCommand: callbackCommand, ...entries, EventTime: eventTime });

export const operator = maybe(id("Who did it."));

export const groupId = id("The group.");

export const groupType = maybe(
  word(
    ["Public", "Work", "Meeting", "AVChatRoom", "Community", "Private", "ChatRoom", "Live"],
    "The group's type; Private and ChatRoom are older names.",
  ),
);

export const topicId = maybe(text("The topic, where the group is a community with topics; may be empty."));

export const members = (description: string) =>
  list(object({ Member_Account: id("The account.") }), description);

export const onlineOnly = maybe(
  code("Whether only those online got it", { 0: "everyone", 1: "online only" }),
);

export const customData = maybe(text("Custom data that travels with the message."));
