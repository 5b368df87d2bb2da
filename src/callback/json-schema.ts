/** JSON Schema 2020-12 of a body, made from the description of its fields. */
import type { Entries, Field } from "./field.ts";
import { msgBody } from "./message.ts";

export interface JsonSchema {
  $schema?: string;
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  title?: string;
  description?: string;
  type?: string | string[];
  const?: string;
  /** The documented values, if they are few. Other values may come. */
  examples?: readonly (string | number)[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  minItems?: number;
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  if?: JsonSchema;
  then?: JsonSchema;
}

/** The schema of a body, or of another field. Messages in it refer to definitions of their own. */
export function jsonSchemaOf(title: string, body: Field): JsonSchema {
  let refersToMessages = false;

  const of = (field: Field): JsonSchema => {
    const notes: JsonSchema = {};
    if (field.description) notes.description = field.description;
    if (field.known) notes.examples = field.known;
    if (field.contents) {
      refersToMessages = true;
      return { $ref: "#/$defs/message", ...notes };
    }
    if (field.options) return { ...eitherOf(field.options.map(of)), ...notes };
    if (field.entries) return { type: "object", ...notes, ...membersOf(field.entries) };
    if (field.item) {
      const least = field.nonEmpty ? { minItems: 1 } : {};
      return { type: "array", ...notes, items: of(field.item), ...least };
    }
    if (field.type === "unknown") return notes;
    return { type: field.type, ...notes };
  };

  const membersOf = (entries: Entries): JsonSchema => {
    const required = Object.keys(entries).filter((name) => !entries[name]?.optional);
    return {
      properties: Object.fromEntries(Object.entries(entries).map(([name, field]) => [name, of(field)])),
      ...(required.length > 0 ? { required } : {}),
    };
  };

  const schema = { $schema: "https://json-schema.org/draft/2020-12/schema", title, ...of(body) };
  return refersToMessages ? { ...schema, $defs: { message: messages, element: elementOf(of) } } : schema;
}

const messages: JsonSchema = { type: "array", items: { $ref: "#/$defs/element" } };

function elementOf(of: (field: Field) => JsonSchema): JsonSchema {
  const contents = msgBody.contents;
  return {
    type: "object",
    properties: {
      MsgType: { type: "string", description: "The element's type.", examples: Object.keys(contents) },
      MsgContent: { type: "object", description: "Its content, by its type." },
    },
    required: ["MsgType", "MsgContent"],
    allOf: Object.entries(contents).map(([type, content]) => ({
      if: { properties: { MsgType: { const: type } }, required: ["MsgType"] },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so.
      then: { properties: { MsgContent: of(content) } },
    })),
  };
}

/** A union; plain types become one list of types. */
function eitherOf(options: JsonSchema[]): JsonSchema {
  const types = options.flatMap((option) => (Object.keys(option).length === 1 ? (option.type ?? []) : []));
  return types.length === options.length ? { type: types } : { anyOf: options };
}
