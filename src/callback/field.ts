/**
 * The kinds of fields in callbacks. A required field identifies the event (its account, group or message): a body without
 * it is a misfit, see `misfit.ts`. `maybe` marks all other fields: a body that differs from their documented type has
 * drift, see `drift.ts`. Unknown fields are accepted.
 *
 * A field is a plain description. Its JSON Schema and its validation are derived from it where they are needed. An
 * isolate describes a whole family of commands at once, and validates few of its fields.
 */
import type { Sentence } from "../sentence.ts";

/** The type of a field's values; no field has this property. */
declare const valueType: unique symbol;

export interface Field<Value = unknown> {
  readonly type: "string" | "number" | "integer" | "boolean" | "object" | "array" | "union" | "unknown";
  readonly description?: string;
  /** The documented values, if they are few. Other values are accepted, and are drift. */
  readonly known?: readonly (string | number)[];
  /** It may be missing. */
  readonly optional?: true;
  /** The fields of an object. */
  readonly entries?: Entries;
  /** The items of a list. */
  readonly item?: Field;
  /** A list has at least one item. */
  readonly nonEmpty?: true;
  /** The alternatives of a union. */
  readonly options?: readonly Field[];
  /** The contents of a message's elements by their type. */
  readonly contents?: Entries;
  /** A demand beyond the type, and the message for a value that does not meet it. */
  readonly check?: { readonly meets: (value: number) => boolean; readonly message: Sentence };
  readonly [valueType]?: Value;
}

export type Entries = Readonly<Record<string, Field>>;

export type ValueOf<One> = One extends Field<infer Value> ? Value : never;

export interface ObjectField<Fields extends Entries = Entries> extends Field<Members<Fields>> {
  readonly entries: Fields;
}

type Optional = { readonly optional: true };

type Members<Fields extends Entries> = {
  [Name in keyof Fields as Fields[Name] extends Optional ? never : Name]: ValueOf<Fields[Name]>;
} & {
  [Name in keyof Fields as Fields[Name] extends Optional ? Name : never]?: ValueOf<Fields[Name]> | undefined;
} & { [unknown: string]: unknown };

export const text = (description: string): Field<string> => ({ type: "string", description });

export const decimal = (description: string): Field<number> => ({ type: "number", description });

export const integer = (description: string): Field<number> => ({ type: "integer", description });

/** A whole number that must meet a demand. Only answers are held against it. */
export const integerThat = (
  meets: (value: number) => boolean,
  message: Sentence,
  description = "",
): Field<number> => ({ type: "integer", description, check: { meets, message } });

export const flag = (description: string): Field<boolean> => ({ type: "boolean", description });

/** A text of a documented set, which may grow. */
export const word = <const Known extends string>(
  known: readonly Known[],
  description: string,
): Field<Known | (string & Record<never, never>)> => ({ type: "string", description, known });

/** A number of a documented set, which may grow, with the meaning of each number. */
export const code = (description: string, meanings: Readonly<Record<number, string>>): Field<number> => ({
  type: "integer",
  description: `${description}: ${Object.entries(meanings)
    .map((entry) => entry.join(" "))
    .join(", ")}.`,
  known: Object.keys(meanings).map(Number),
});

const plainText = text("");
const plainInteger = integer("");
const plainNumber = decimal("");

/** An account, a group or a room: a text, or a whole number that may exceed 2^53. */
export const id = (description: string): Field<string | number> => ({
  type: "union",
  description,
  options: [plainText, plainInteger],
});

/** A field that is a text on some pages and in some traffic, and a number elsewhere. */
export const numberOrText = (description: string): Field<number | string> => ({
  type: "union",
  description,
  options: [plainNumber, plainText],
});

export const anything = (description: string): Field => ({ type: "unknown", description });

export const list = <const Item extends Field>(item: Item, description = ""): Field<ValueOf<Item>[]> => ({
  type: "array",
  description,
  item,
});

/** A list of at least one item. */
export const nonEmptyList = <const Item extends Field>(
  item: Item,
  description: string,
): Field<ValueOf<Item>[]> => ({ type: "array", description, item, nonEmpty: true });

/** An object with any further fields. An array is not an object. */
export const object = <const Fields extends Entries>(
  entries: Fields,
  description = "",
): ObjectField<Fields> => ({ type: "object", description, entries });

export const maybe = <Value>(field: Field<Value>): Field<Value> & Optional => ({ ...field, optional: true });

/** A structure in Tencent's samples, but a text in its tables: both are accepted. */
export const orText = <Value>(structure: Field<Value>): Field<Value | string> => ({
  type: "union",
  description: structure.description ?? "",
  options: [structure, plainText],
});

const callbackCommand = maybe(text("The command, as in the URL."));

/** A number on newer pages, a text of digits on older pages, and missing before about 2021. */
const eventTime = maybe(numberOrText("When it happened, Unix milliseconds: a number or a text of digits."));

/** A body of the usual shape: it repeats its command and, since about 2021, holds a time. */
export const body = <const Fields extends Entries>(entries: Fields) =>
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
