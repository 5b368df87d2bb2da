/** A validator for the part of JSON Schema 2020-12 that the gateway's schemas use. Returns the paths of mistakes. */
import type { JsonSchema } from "../../src/callback/json-schema.ts";

export function misfits(root: JsonSchema, value: unknown): string[] {
  const at = (schema: JsonSchema, value: unknown, path: string): string[] => {
    const found: string[] = [];
    if (schema.$ref) found.push(...at(definition(root, schema.$ref), value, path));
    if (schema.const !== undefined && value !== schema.const) found.push(path);
    if (schema.anyOf) {
      // Of several alternatives, the one with the value's type names the mistakes inside.
      const option = schema.anyOf.find(({ type }) => isA(String(type), value));
      found.push(...(option ? at(option, value, path) : [path]));
    }
    for (const part of schema.allOf ?? []) found.push(...at(part, value, path));
    if (schema.if && schema.then && at(schema.if, value, path).length === 0)
      found.push(...at(schema.then, value, path));
    if (schema.type !== undefined && ![schema.type].flat().some((type) => isA(type, value))) found.push(path);
    if (Array.isArray(value)) {
      if (value.length < (schema.minItems ?? 0)) found.push(path);
      value.forEach((item, index) => {
        if (schema.items) found.push(...at(schema.items, item, `${path}[${index}]`));
      });
    } else if (typeof value === "object" && value !== null) {
      const members = value as Record<string, unknown>;
      for (const name of schema.required ?? [])
        if (!Object.hasOwn(members, name)) found.push(join(path, name));
      for (const [name, property] of Object.entries(schema.properties ?? {}))
        if (Object.hasOwn(members, name)) found.push(...at(property, members[name], join(path, name)));
    }
    return found;
  };
  return [...new Set(at(root, value, ""))];
}

/** The path of each required field that a value has: `MsgSeqList[1].MsgSeq`. */
export function requiredIn(root: JsonSchema, value: unknown): string[] {
  const at = (schema: JsonSchema, value: unknown, path: string): string[] => {
    if (schema.$ref) return at(definition(root, schema.$ref), value, path);
    const either = (schema.anyOf ?? []).flatMap((option) => at(option, value, path));
    if (Array.isArray(value))
      return [
        ...either,
        ...value.flatMap((item, index) => at(schema.items ?? {}, item, `${path}[${index}]`)),
      ];
    if (typeof value !== "object" || value === null) return either;
    const members = value as Record<string, unknown>;
    return [
      ...either,
      ...(schema.required ?? [])
        .filter((name) => Object.hasOwn(members, name))
        .map((name) => join(path, name)),
      ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
        at(property, members[name], join(path, name)),
      ),
    ];
  };
  return [...new Set(at(root, value, ""))];
}

function definition(root: JsonSchema, ref: string): JsonSchema {
  const found = root.$defs?.[ref.replace("#/$defs/", "")];
  if (!found) throw new Error(`${ref} is not defined`);
  return found;
}

function isA(type: string, value: unknown): boolean {
  switch (type) {
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

const join = (path: string, name: string) => (path ? `${path}.${name}` : name);
