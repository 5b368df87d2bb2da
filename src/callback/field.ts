/**
 * The kinds of fields in callbacks. A required field identifies the event (its account, group or message): a body without
 * it is a misfit, see `misfit.ts`. `maybe` marks all other fields: a body that differs from their documented type has
 * drift, see `drift.ts`. Unknown fields are accepted.
 *
 * A description is a property of the schema itself and not an action in a pipe, which would run at every validation.
 */
import * as v from "valibot";

/** The documentation of a field, also used to detect drift. */
export interface Notes {
  readonly description?: string;
  /** The documented values, if they are few. Other values are accepted, and are drift. */
  readonly known?: readonly (string | number)[];
}

export const text = (description: string) => Object.assign(v.string(), { description });

export const decimal = (description: string) => Object.assign(v.number(), { description });

const wholeNumber = v.pipe(v.number(), v.integer());

export const integer = (description: string) => ({ ...wholeNumber, description });

export const flag = (description: string) => Object.assign(v.boolean(), { description });

/** A text of a documented set, which may grow. */
export const word = <const Known extends string>(known: readonly Known[], description: string) =>
  Object.assign(v.string() as v.GenericSchema<Known | (string & Record<never, never>)>, {
    description,
    known: known as readonly string[],
  });

/** A number of a documented set, which may grow, with the meaning of each number. */
export const code = (description: string, meanings: Readonly<Record<number, string>>) => ({
  ...integer(
    `${description}: ${Object.entries(meanings)
      .map((entry) => entry.join(" "))
      .join(", ")}.`,
  ),
  known: Object.keys(meanings).map(Number),
});

/** An account, a group or a room: a text, or a whole number that may exceed 2^53. */
export const id = (description: string) => Object.assign(v.union([v.string(), wholeNumber]), { description });

/** A field that is a text on some pages and in some traffic, and a number elsewhere. */
export const numberOrText = (description: string) =>
  Object.assign(v.union([v.number(), v.string()]), { description });

export const anything = (description: string) => Object.assign(v.unknown(), { description });

export const list = <const Item extends v.GenericSchema>(item: Item, description = "") =>
  Object.assign(v.array(item), { description });

/** A list of at least one item. */
export const nonEmptyList = <const Item extends v.GenericSchema>(item: Item, description: string) =>
  Object.assign(v.pipe(v.array(item), v.minLength(1)), { description });

const notAnObject = { ...v.never(), expects: "Object" };

/** An object with any further fields. Unlike with valibot's `looseObject`, an array is not an object. */
export function object<const Entries extends v.ObjectEntries>(entries: Entries, description = "") {
  const schema = v.looseObject(entries);
  const run: (typeof schema)["~run"] = (dataset, config) =>
    Array.isArray(dataset.value) ? notAnObject["~run"](dataset, config) : schema["~run"](dataset, config);
  return { ...schema, description, "~run": run };
}

export const maybe = <const Schema extends v.GenericSchema>(schema: Schema) => v.optional(schema);

const plainText = v.string();

/** A structure in Tencent's samples, but a text in its tables: both are accepted. */
export const orText = <const Schema extends v.GenericSchema & Notes>(structure: Schema) =>
  Object.assign(
    v.lazy((input): Schema | typeof plainText => (typeof input === "string" ? plainText : structure)),
    { description: structure.description ?? "", options: [structure, plainText] as const },
  );

const callbackCommand = maybe(text("The command, as in the URL."));

/** A number on newer pages, a text of digits on older pages, and missing before about 2021. */
const eventTime = maybe(numberOrText("When it happened, Unix milliseconds: a number or a text of digits."));

/** A body of the usual shape: it repeats its command and, since about 2021, holds a time. */
export const body = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  object({ CallbackCommand: callbackCommand, ...entries, EventTime: eventTime });

export const operator = maybe(id("The account that did it."));

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
  code("Whether only online members got it", { 0: "everyone", 1: "online only" }),
);

export const customData = maybe(text("Custom data that travels with the message."));
