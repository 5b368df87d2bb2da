/** What a route does not know is refused: a misspelt filter that is ignored shows, or sends, everything. */
import { nearestOf } from "../rule/nearest.ts";
import { Refusal } from "./reply.ts";

type Names = Readonly<Record<string, unknown>>;

/** Throws unless every parameter is known, and given once. */
export function knownParameters(query: URLSearchParams, known: Names): void {
  const given = new Set<string>();
  for (const name of query.keys()) {
    if (!Object.hasOwn(known, name)) throw unknown("parameter", name, known);
    if (given.has(name)) throw new Refusal(400, "repeated_parameter", `${name}: is given more than once`);
    given.add(name);
  }
}

/** Throws unless every key of a body is known. */
export function knownKeys(body: object, known: Names): void {
  for (const name of Object.keys(body)) if (!Object.hasOwn(known, name)) throw unknown("key", name, known);
}

function unknown(kind: "parameter" | "key", name: string, known: Names): Refusal {
  const shown = /^[\w.-]{1,100}$/.test(name) ? name : JSON.stringify(name.slice(0, 100));
  const nearest = nearestOf(name.slice(0, 100), Object.keys(known));
  const hint = nearest === null ? `there is no ${kind} here` : `did you mean ${nearest}?`;
  return new Refusal(400, `unknown_${kind}`, `${shown}: is not a ${kind} here: ${hint}`);
}
