/** The paths of the values in a body, as documents describe it. A step into a list is a step into each of its items. */
import type { Field } from "./field.ts";

/** Whether a path leads to a value that the field may hold. @param steps names of fields; none: the field itself */
export function leadsInto(field: Field, steps: readonly string[]): boolean {
  if (steps.length === 0) return true;
  const { entries, item, options, contents, type } = field;
  const [step, ...rest] = steps as [string, ...string[]];
  if (options) return options.some((option) => leadsInto(option, steps));
  if (contents) {
    if (step !== "MsgContent") return step === "MsgType" && rest.length === 0;
    return rest.length === 0 || Object.values(contents).some((content) => leadsInto(content, rest));
  }
  if (entries) return Object.hasOwn(entries, step) && leadsInto(entries[step]!, rest);
  if (item) return leadsInto(item, steps);
  return type === "object" || type === "unknown" || type === "array";
}

/** The paths of all values that the field may hold, steps joined by dots. */
export function pathsIn(field: Field): string[] {
  const { entries, item, options, contents } = field;
  if (options) return options.flatMap(pathsIn);
  if (contents) {
    const inner = Object.values(contents).flatMap(pathsIn);
    return ["MsgType", "MsgContent", ...inner.map((path) => `MsgContent.${path}`)];
  }
  if (item) return pathsIn(item);
  return Object.entries(entries ?? {}).flatMap(([name, entry]) => [
    name,
    ...pathsIn(entry).map((path) => `${name}.${path}`),
  ]);
}
