/** What a route does not know is refused: a misspelt filter that is ignored shows, or sends, everything. */
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

/** The name that takes the fewest changes to come from the other one. */
export function nearestOf(name: string, others: readonly string[]): string | null {
  const distances = others.map((other) => ({ other, distance: distance(name, other) }));
  return distances.sort((a, b) => a.distance - b.distance)[0]?.other ?? null;
}

/** Characters to insert, delete or replace (Levenshtein), whatever their case. */
function distance(a: string, b: string): number {
  const [from, to] = [a.toLowerCase(), b.toLowerCase()];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, character] of [...from].entries()) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const replaced = row[j]! + (character === to[j] ? 0 : 1);
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
