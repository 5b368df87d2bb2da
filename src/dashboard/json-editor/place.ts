/** Places in JSON text, which may be wrong or half typed. */
import { findNodeAtLocation, type Node } from "jsonc-parser";
import { stepsOf } from "../../rule/setting-path.ts";

/** Offsets of characters; `to` is the first one after it. */
export interface Span {
  from: number;
  to: number;
}

/**
 * The place of a value, which the gateway names by its path: `rules[1].match.body`. Where the value is missing, it is
 * that of the innermost value around it.
 * @param name the path's first step, which stands for the whole text: `rules`
 * @returns null if the path is none in this text
 */
export function spanAt(text: string, root: Node | undefined, name: string, path: string): Span | null {
  const [first, ...steps] = stepsOf(path);
  if (first !== name || root === undefined) return null;
  for (let length = steps.length; ; length--) {
    const node = findNodeAtLocation(root, steps.slice(0, length));
    if (node) return spanOf(text, node);
  }
}

/** The text to mark for a value. Of a list or an object it is the key or, without one, the first line. */
export function spanOf(text: string, node: Node): Span {
  const { offset, length, children, parent } = node;
  if (children === undefined) return { from: offset, to: offset + length };
  if (parent?.type === "property") return spanOf(text, parent.children![0]!);
  const end = text.indexOf("\n", offset);
  return { from: offset, to: Math.min(offset + length, end === -1 ? text.length : end) };
}
