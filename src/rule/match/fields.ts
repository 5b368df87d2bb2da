/** The fields of an event as EventBridge sees them: nested arrays are flat, and a dot in a name is a step. */
import { isObject, type Json, type JsonObject, maxDepth, type Scalar } from "../json.ts";

/** An element after arrays within arrays are flattened: a scalar or an object. */
export type Item = Scalar | JsonObject;

/** All items of a value: the value itself, or the elements of an array however deep. */
export function flat(value: Json | undefined): readonly Item[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [value as Item];
  if (!value.some(Array.isArray)) return value;
  // `Array.prototype.flat` recurses: nesting as deep as a body allows would overflow the stack.
  const items: Item[] = [];
  const rest: Json[] = [...value].reverse();
  while (rest.length > 0) {
    const next = rest.pop()!;
    if (!Array.isArray(next)) items.push(next as Item);
    else for (let index = next.length - 1; index >= 0; index--) rest.push(next[index]!);
  }
  return items;
}

/** A field of the object itself: the name may be one that every object inherits. */
export function fieldOf(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * The object with every dotted name as nested objects: EventBridge does not distinguish `{"a.b": 1}` from
 * `{"a": {"b": 1}}`. Steps deeper than any pattern may go stay undivided.
 */
export function undotted(object: JsonObject): JsonObject {
  const names = Object.keys(object);
  if (!names.some((name) => name.includes("."))) return object;
  const made = new Set<object>();
  const whole = newObject();
  for (const name of names) {
    const [first, ...rest] = name.split(".", maxDepth + 1);
    const inner = rest.reduceRight<Json>((below, step) => {
      const one = newObject();
      one[step] = below;
      return one;
    }, object[name]!);
    join(whole, first!, inner, made, maxDepth);
  }
  return whole;
}

/** An object without a prototype, so that a field may have any name. */
function newObject(): Record<string, Json> {
  return Object.create(null);
}

/**
 * Adds a field to an object. If the name is taken, two objects are merged and other values become an array.
 * @param made objects that were made here and may be changed
 */
function join(object: Record<string, Json>, name: string, value: Json, made: Set<object>, depth: number) {
  const other = object[name];
  if (other === undefined) {
    object[name] = value;
  } else if (isObject(other) && isObject(value) && depth > 0) {
    const both: Record<string, Json> = made.has(other) ? other : Object.assign(newObject(), other);
    made.add(both);
    object[name] = both;
    for (const [step, inner] of Object.entries(value)) join(both, step, inner, made, depth - 1);
  } else {
    object[name] = [other, value];
  }
}
