/** Members of JSON in prose, `"order": "conversation"`: keys of rules, and fields of the API. */
import api from "../../docs/openapi.json" with { type: "json" };
import { isObject } from "../../src/rule/json.ts";
import { keys } from "../../src/rule/keys.ts";
import { schemaProblem } from "./curl.ts";
import { ruleProblems } from "./json.ts";

const bases = {
  forward: { url: "https://backend.example.com" },
  ask: { ask: "https://backend.example.com" },
  answer: { answer: { ErrorCode: 1 } },
};

/** The mistake in a code span that is a member, or null. One with `…` in it is no JSON. */
export function memberProblem(text: string): string | null {
  const [, key, value] = /^"(\w+)": ([^…]+)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) return null;
  try {
    const given: unknown = JSON.parse(value);
    return Object.hasOwn(keys, key) ? keyProblem(key as keyof typeof keys, given) : fieldProblem(key, given);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function keyProblem(key: keyof typeof keys, value: unknown): string | null {
  const [kind] = keys[key].kinds;
  return ruleProblems(JSON.stringify([{ name: "rule", ...bases[kind], [key]: value }])).join("; ") || null;
}

function fieldProblem(name: string, value: unknown): string | null {
  const problems = (fields.get(name) ?? []).map((schema) => schemaProblem(schema, value));
  return problems.includes(null) ? null : (problems[0] ?? null);
}

/** The schemas of the fields of each name, anywhere in the API's description. */
const fields = new Map<string, object[]>();
collect(api);

function collect(part: unknown): void {
  if (Array.isArray(part)) part.forEach(collect);
  if (!isObject(part)) return;
  if (isObject(part.properties))
    for (const [name, schema] of Object.entries(part.properties))
      if (isObject(schema)) fields.set(name, [...(fields.get(name) ?? []), schema]);
  Object.values(part).forEach(collect);
}
