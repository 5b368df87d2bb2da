/**
 * The kinds of field that callbacks are made of. What a body must hold is only what names the thing that
 * happened; `maybe` marks the rest: it may be missing, but has a type.
 */
import * as v from "valibot";

export const text = (description: string) => v.pipe(v.string(), v.description(description));

export const integer = (description: string) => v.pipe(v.number(), v.integer(), v.description(description));

export const decimal = (description: string) => v.pipe(v.number(), v.description(description));

export const list = <const Item extends v.GenericSchema>(item: Item, description: string) =>
  v.pipe(v.array(item), v.description(description));

export const maybe = <const Schema extends v.GenericSchema>(schema: Schema) => v.optional(schema);

/** A number on the newer pages, a text of digits on the older ones and in much of the traffic. */
const timestamp = (description: string) =>
  v.pipe(v.union([v.number(), v.string()]), v.description(description));

export const eventTime = maybe(
  timestamp("When it happened, Unix milliseconds: a number, or a text of digits."),
);

export const groupType = maybe(
  text(
    "The group's type: Public, Work, Meeting, AVChatRoom, Community; Private and ChatRoom are older names.",
  ),
);

export const topicId = maybe(text("The topic, where the group is a community with topics."));
