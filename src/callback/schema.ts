/** The validation of a field by valibot. Only answers are validated, so a schema is made when a value first needs it. */
import * as v from "valibot";
import { type Entries, type Field, object, text } from "./field.ts";

const schemas = new WeakMap<Field, v.GenericSchema>();

/** The schema of a field, made at the first call. */
export function schemaOf(field: Field): v.GenericSchema {
  let schema = schemas.get(field);
  if (schema === undefined) {
    const required = newSchema(field);
    schema = field.optional ? v.optional(required) : required;
    schemas.set(field, schema);
  }
  return schema;
}

function newSchema({ type, entries, item, nonEmpty, options, contents, check }: Field): v.GenericSchema {
  if (contents) return messageSchema(contents);
  if (entries) return objectSchema(schemasOf(entries));
  if (item && nonEmpty) return v.pipe(v.array(schemaOf(item)), v.minLength(1));
  if (item) return v.array(schemaOf(item));
  if (options) return v.union(options.map(schemaOf));
  if (check) return v.pipe(v.number(), v.integer(), v.check(check.meets, check.message));
  return plainSchemas[type]();
}

const plainSchemas: Readonly<Record<Field["type"], () => v.GenericSchema>> = {
  string: v.string,
  number: v.number,
  integer: () => v.pipe(v.number(), v.integer()),
  boolean: v.boolean,
  object: () => objectSchema({}),
  array: () => v.array(v.unknown()),
  union: v.never,
  unknown: v.unknown,
};

const schemasOf = (entries: Entries): v.ObjectEntries =>
  Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, schemaOf(entry)]));

const notAnObject = { ...v.never(), expects: "Object" };

/** An object with any further fields. Unlike with valibot's `looseObject`, an array is not an object. */
function objectSchema(entries: v.ObjectEntries): v.GenericSchema {
  const schema = v.looseObject(entries);
  const run: (typeof schema)["~run"] = (dataset, config) =>
    Array.isArray(dataset.value) ? notAnObject["~run"](dataset, config) : schema["~run"](dataset, config);
  return { ...schema, "~run": run };
}

/** Every element is validated by its type; an element of an unknown type may have any content. */
function messageSchema(contents: Entries): v.GenericSchema {
  const elements = new Map(Object.entries(contents).map(([type, content]) => [type, elementOf(content)]));
  return v.array(
    v.lazy((input) => {
      const type = (input as { MsgType?: string } | null)?.MsgType ?? "";
      return schemaOf(elements.get(type) ?? anyElement);
    }),
  );
}

const elementOf = (content: Field) => object({ MsgType: text(""), MsgContent: content });

const anyElement = elementOf(object({}));
