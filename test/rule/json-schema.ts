/** A validator for the part of JSON Schema 2020-12 that the schema of rules uses. An unknown keyword throws. */
type Schema = Readonly<Record<string, unknown>>;

const notes = new Set(["$schema", "$defs", "title", "description", "default", "examples", "then", "else"]);

export function isValid(value: unknown, schema: Schema | boolean, root: Schema = schema as Schema): boolean {
  if (typeof schema === "boolean") return schema;
  const object =
    typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Schema) : undefined;
  const list = Array.isArray(value) ? value : undefined;
  const check = (one: unknown, inner: unknown) => isValid(one, inner as Schema | boolean, root);

  const keywords: Record<string, (argument: never) => boolean> = {
    $ref: (path: string) =>
      check(
        value,
        path
          .slice(2)
          .split("/")
          .reduce((at, step) => at[step] as Schema, root),
      ),
    type: (types: string | string[]) => [types].flat().some((type) => typeOf(value, type)),
    enum: (values: unknown[]) => values.includes(value),
    not: (inner: Schema) => !check(value, inner),
    if: (inner: Schema) => check(value, (check(value, inner) ? schema.then : schema.else) ?? true),
    propertyNames: (inner: Schema) => !object || Object.keys(object).every((name) => check(name, inner)),
    anyOf: (schemas: Schema[]) => schemas.some((one) => check(value, one)),
    properties: (all: Schema) =>
      !object ||
      Object.keys(all).every((name) => !Object.hasOwn(object, name) || check(object[name], all[name])),
    patternProperties: (all: Schema) =>
      !object ||
      Object.entries(all).every(([pattern, inner]) =>
        Object.keys(object).every(
          (name) => !new RegExp(pattern, "u").test(name) || check(object[name], inner),
        ),
      ),
    additionalProperties: (inner: Schema | boolean) =>
      !object ||
      Object.keys(object)
        .filter((name) => !Object.hasOwn((schema.properties ?? {}) as Schema, name))
        .filter(
          (name) =>
            !Object.keys(schema.patternProperties ?? {}).some((one) => new RegExp(one, "u").test(name)),
        )
        .every((name) => (inner === false ? false : check(object[name], inner))),
    required: (names: string[]) => !object || names.every((name) => Object.hasOwn(object, name)),
    minProperties: (least: number) => !object || Object.keys(object).length >= least,
    items: (inner: Schema) => !list || list.every((one) => check(one, inner)),
    prefixItems: (all: Schema[]) =>
      !list || all.every((inner, index) => index >= list.length || check(list[index], inner)),
    minItems: (least: number) => !list || list.length >= least,
    maxItems: (most: number) => !list || list.length <= most,
    minimum: (least: number) => typeof value !== "number" || value >= least,
    maximum: (most: number) => typeof value !== "number" || value <= most,
    exclusiveMinimum: (least: number) => typeof value !== "number" || value > least,
    minLength: (least: number) => typeof value !== "string" || value.length >= least,
    pattern: (pattern: string) => typeof value !== "string" || new RegExp(pattern, "u").test(value),
  };
  return Object.entries(schema).every(([keyword, argument]) => {
    if (notes.has(keyword)) return true;
    const holds = keywords[keyword];
    if (!holds) throw new Error(`no such keyword here: ${keyword}`);
    return holds(argument as never);
  });
}

function typeOf(value: unknown, type: string): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}
