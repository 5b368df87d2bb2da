/** A walk over a JSON Schema, along a path of the text that it describes. It knows the keywords that our schemas use. */
import type { Node } from "jsonc-parser";

/** JSON Schema 2020-12, as far as it is read here. */
export interface Schema {
  $ref?: string;
  $defs?: Readonly<Record<string, Schema>>;
  anyOf?: readonly Schema[];
  type?: string | readonly string[];
  description?: string;
  enum?: readonly unknown[];
  default?: unknown;
  examples?: readonly unknown[];
  pattern?: string;
  properties?: Readonly<Record<string, Schema>>;
  patternProperties?: Readonly<Record<string, Schema>>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  prefixItems?: readonly Schema[];
}

export type Step = string | number;

/** The alternatives for a value: schemas without `$ref` and `anyOf`. @param root has the definitions */
export function alternatives(root: Schema, schema: Schema): readonly Schema[] {
  const { $ref, anyOf, ...own } = schema;
  const inner = $ref === undefined ? anyOf : [root.$defs![$ref.replace("#/$defs/", "")]!];
  if (inner === undefined) return [own];
  return inner.flatMap((one) => alternatives(root, one)).map((one) => ({ ...one, ...own }));
}

/** The alternatives for the value at a path. Alternatives that the values around it rule out are left out. */
export function schemasAt(root: Schema, text: Node | undefined, path: readonly Step[]): readonly Schema[] {
  let schemas = alternatives(root, root);
  let node = text;
  for (const step of path) {
    schemas = meant(schemas, node).flatMap((schema) => inside(root, schema, step));
    node = node && childOf(node, step);
  }
  return schemas;
}

/** The alternatives for which a value can be meant: they have its type, and know most of its keys. */
export function meant(schemas: readonly Schema[], node: Node | undefined): readonly Schema[] {
  if (node === undefined) return schemas;
  const ofType = schemas.filter((schema) => hasType(schema, node));
  if (node.type !== "object") return ofType;
  const strange = ofType.map((schema) => keysOf(node).filter((key) => !knowsKey(schema, key)).length);
  const least = Math.min(...strange);
  return ofType.filter((_, index) => strange[index] === least);
}

export function hasType({ type, enum: choices, properties }: Schema, node: Node): boolean {
  const types = type === undefined ? (properties ? ["object"] : null) : [type].flat();
  if (types === null) return choices === undefined || choices.some((one) => typeOf(one) === node.type);
  return types.includes(node.type) || (types.includes("integer") && node.type === "number");
}

export function knowsKey(
  { properties, patternProperties, additionalProperties }: Schema,
  key: string,
): boolean {
  if (properties && Object.hasOwn(properties, key)) return true;
  if (Object.keys(patternProperties ?? {}).some((pattern) => new RegExp(pattern).test(key))) return true;
  return additionalProperties !== false;
}

/** The alternatives for a part of a value. */
export function inside(root: Schema, schema: Schema, step: Step): readonly Schema[] {
  const { properties = {}, patternProperties = {}, additionalProperties, items, prefixItems = [] } = schema;
  if (typeof step === "number") {
    const item = prefixItems[step] ?? items;
    return item ? alternatives(root, item) : [];
  }
  if (Object.hasOwn(properties, step)) return alternatives(root, properties[step]!);
  const [, byPattern] = Object.entries(patternProperties).find(([one]) => new RegExp(one).test(step)) ?? [];
  const other = byPattern ?? additionalProperties;
  return typeof other === "object" ? alternatives(root, other) : [];
}

export function keysOf(node: Node): string[] {
  return (node.children ?? []).map((property) => property.children![0]!.value as string);
}

function childOf(node: Node, step: Step): Node | undefined {
  if (typeof step === "number") return node.type === "array" ? node.children?.[step] : undefined;
  if (node.type !== "object") return undefined;
  const property = node.children?.find(({ children }) => children![0]!.value === step);
  return property && property.children![1];
}

function typeOf(value: unknown): Node["type"] {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : (typeof value as Node["type"]);
}
