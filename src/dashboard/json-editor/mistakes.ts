/** Mistakes in JSON text that can be seen without the gateway: of JSON itself, and against a schema. */
import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { nearestOf } from "../../rule/nearest.ts";
import { type Span, spanOf } from "./place.ts";
import { alternatives, inside, keysOf, knowsKey, meant, type Schema } from "./schema.ts";

export type Mistake = Span &
  (
    | { kind: "syntax"; code: string }
    | { kind: "repeated"; key: string }
    | { kind: "unknown"; key: string; nearest: string | null }
    | { kind: "type"; types: readonly string[] }
    | { kind: "choice"; choices: readonly unknown[] }
  );

export interface Checked {
  /** The values, as far as they can be read. */
  root: Node | undefined;
  mistakes: readonly Mistake[];
}

/** @param schema absent: any JSON is right */
export function check(text: string, schema?: Schema): Checked {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowEmptyContent: false });
  const syntax: Mistake[] = errors.map(({ error, offset, length }) => ({
    kind: "syntax",
    code: printParseErrorCode(error),
    from: Math.min(offset, text.length),
    to: Math.min(offset + length, text.length),
  }));
  if (root === undefined || syntax.length > 0) return { root, mistakes: syntax };
  const mistakes: Mistake[] = [];
  repeatedKeys(root, mistakes);
  if (schema) compare(schema, alternatives(schema, schema), root, text, mistakes);
  return { root, mistakes };
}

function repeatedKeys(node: Node, mistakes: Mistake[]): void {
  for (const child of node.children ?? []) repeatedKeys(child, mistakes);
  if (node.type !== "object") return;
  const seen = new Set<string>();
  for (const { children } of node.children ?? []) {
    const { value: key, offset, length } = children![0]!;
    if (seen.has(key)) mistakes.push({ kind: "repeated", key, from: offset, to: offset + length });
    seen.add(key);
  }
}

function compare(
  root: Schema,
  schemas: readonly Schema[],
  node: Node,
  text: string,
  mistakes: Mistake[],
): void {
  if (schemas.length === 0) return;
  const fitting = meant(schemas, node);
  if (fitting.length === 0) {
    const types = [...new Set(schemas.flatMap(typesOf))];
    mistakes.push({ kind: "type", types, ...spanOf(text, node) });
  } else if (node.type === "array") {
    for (const [index, item] of (node.children ?? []).entries())
      compare(
        root,
        fitting.flatMap((schema) => inside(root, schema, index)),
        item,
        text,
        mistakes,
      );
  } else if (node.type === "object") {
    for (const { children } of node.children ?? []) {
      const [key, value] = children as [Node, Node];
      const span = { from: key.offset, to: key.offset + key.length };
      if (fitting.some((schema) => knowsKey(schema, key.value)))
        compare(
          root,
          fitting.flatMap((schema) => inside(root, schema, key.value)),
          value,
          text,
          mistakes,
        );
      else {
        const known = new Set(fitting.flatMap(({ properties = {} }) => Object.keys(properties)));
        for (const given of keysOf(node)) known.delete(given);
        mistakes.push({
          kind: "unknown",
          key: key.value,
          nearest: nearestOf(key.value, [...known]),
          ...span,
        });
      }
    }
  } else if (fitting.every(({ enum: choices }) => choices && !choices.includes(node.value))) {
    const choices = fitting.flatMap(({ enum: choices = [] }) => choices);
    mistakes.push({ kind: "choice", choices, ...spanOf(text, node) });
  }
}

function typesOf({ type, enum: choices }: Schema): readonly string[] {
  return type === undefined ? (choices ? ["string"] : ["object"]) : [type].flat();
}
