/** The fields of callbacks that rules and events of the documents name: Tencent documents each for a command. */
import { isObject, type Json, type JsonObject } from "../../src/rule/json.ts";
import { readRedaction } from "../../src/rule/read-redaction.ts";

/** Sentences about the fields that a rule looks at: in `match`, and in `{{body.…}}` of its template. */
export function fieldsOfRule(rule: JsonObject): string[] {
  const on = [rule.on ?? "*.*"].flat() as string[];
  const { body } = isObject(rule.match) ? rule.match : {};
  const shown = JSON.stringify(rule.template ?? "").matchAll(/\{\{ ?body\.([^}]*?) ?\}\}/g);
  return problemsOf(on, [
    ...pathsIn(body ?? null),
    ...[...shown].map(([, path]) => path!.replaceAll(/\[\d+\]/g, "")),
  ]);
}

/** The same for an event to try rules on. */
export function fieldsOfEvent({ command, body }: JsonObject): string[] {
  return problemsOf([String(command)], pathsIn(body ?? null));
}

/** `REDACT` warns of a path that no command has, and names the nearest one. The gateway's own events are not Tencent's. */
function problemsOf(on: readonly string[], paths: readonly string[]): string[] {
  if (paths.length === 0 || on.some((command) => command.startsWith("Relay."))) return [];
  const { mistakes, warnings } = readRedaction([{ on, paths }]);
  return [...mistakes, ...warnings].map((sentence) => sentence.replace(/^\S+: /, ""));
}

/** The paths of the values. Lists add no step, nor do the alternatives of `$or`. */
function pathsIn(value: Json, path = ""): string[] {
  if (Array.isArray(value)) {
    const objects = value.filter((item) => isObject(item) && !isOperator(item));
    return objects.length > 0 ? objects.flatMap((item) => pathsIn(item, path)) : path === "" ? [] : [path];
  }
  if (!isObject(value)) return path === "" ? [] : [path];
  return Object.entries(value).flatMap(([name, inner]) =>
    pathsIn(inner, name === "$or" ? path : path === "" ? name : `${path}.${name}`),
  );
}

/** `{"exists": false}` of a pattern. Fields of Tencent begin with a capital. */
function isOperator(object: JsonObject): boolean {
  return Object.keys(object).every((name) => /^[a-z]/.test(name));
}
