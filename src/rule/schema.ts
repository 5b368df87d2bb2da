/** JSON Schema 2020-12 of `FORWARD_RULES`, with which editors complete keys and mark mistakes. */
import type { JsonObject } from "./json.ts";
import { answerFields, type Key, type Kind, keys } from "./keys.ts";
import { operators } from "./match/operators.ts";
import { reservedInOr } from "./match/pattern.ts";
import { meanings } from "./meanings.ts";
import { viewFields } from "./view.ts";

const ref = (name: string) => ({ $ref: `#/$defs/${name}` });

export function rulesSchema(): JsonObject {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "FORWARD_RULES of tim-relay",
    type: "array",
    items: { anyOf: [ref("forward"), ref("ask"), ref("answer")] },
    $defs: {
      forward: ruleSchema("forward", "url", "Forwards events to a destination."),
      ask: ruleSchema("ask", "ask", "Asks a backend for the verdict on before-callbacks."),
      answer: ruleSchema("answer", "answer", "Answers before-callbacks by itself."),
      match: matchSchema(viewFields, "field", "alternativeMatch", {}),
      succeeds: matchSchema(answerFields, "field", "alternativeSucceeds", {}),
      field: { anyOf: [ref("list"), ref("pattern")] },
      pattern: patternSchema("field", {}),
      // Inside $or, the name of an operator is not taken for a field.
      alternativeMatch: matchSchema(viewFields, "alternativeField", "alternativeMatch", noOperators),
      alternativeSucceeds: matchSchema(answerFields, "alternativeField", "alternativeSucceeds", noOperators),
      alternativeField: { anyOf: [ref("list"), ref("alternative")] },
      alternative: patternSchema("alternativeField", noOperators),
      list: {
        description: "One of these must fit.",
        type: "array",
        items: { anyOf: [{ type: ["string", "number", "boolean", "null"] }, ref("operator")] },
        minItems: 1,
      },
      operator: {
        anyOf: Object.entries(operators).map(([name, { meaning, schema, example }]) => ({
          type: "object",
          properties: { [name]: { description: meaning, ...schema, examples: [example] } },
          required: [name],
          additionalProperties: false,
        })),
      },
    },
  };
}

const noOperators = { propertyNames: { not: { enum: [...reservedInOr] } } };

/**
 * @param fields the names at its top level
 * @param field the definition that each of them refers to
 */
function matchSchema(
  fields: readonly string[],
  field: string,
  alternative: string,
  names: JsonObject,
): JsonObject {
  return {
    type: "object",
    properties: {
      ...Object.fromEntries(fields.map((name) => [name, ref(field)])),
      $or: or(alternative),
    },
    // A dot in a name is a step.
    patternProperties: { [`^(${fields.join("|")})\\.`]: ref(field) },
    additionalProperties: false,
    minProperties: 1,
    ...names,
  };
}

function patternSchema(field: string, names: JsonObject): JsonObject {
  return {
    type: "object",
    properties: { $or: or("alternative") },
    additionalProperties: ref(field),
    minProperties: 1,
    ...names,
  };
}

function or(kind: string): JsonObject {
  return { description: "One of these must fit.", type: "array", items: ref(kind), minItems: 2 };
}

/** `callbackToken` goes with `raw` only, `batch` with the other formats only, `template` with the default only. */
const clashes = {
  if: { properties: { format: { enum: ["raw"] } }, required: ["format"] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { properties: { batch: false, template: false } },
  else: {
    if: { properties: { format: { enum: ["cloudevents"] } }, required: ["format"] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { callbackToken: false, template: false } },
    else: { properties: { callbackToken: false } },
  },
};

function ruleSchema(kind: Kind, ownKey: string, description: string): JsonObject {
  const own = Object.entries<Key<unknown>>(keys).filter(([, key]) => key.kinds.includes(kind));
  return {
    description,
    type: "object",
    properties: Object.fromEntries(
      own.map(([name, { schema, default: written }]) => [
        name,
        {
          description: meanings[name as keyof typeof meanings],
          ...schema,
          ...(written === undefined ? {} : { default: written }),
        },
      ]),
    ),
    required: ["name", ownKey],
    additionalProperties: false,
    ...(kind === "answer" ? {} : clashes),
  };
}
