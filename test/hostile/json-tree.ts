/** JSON as a tree that can hold more than a JavaScript value: repeated keys, and scalars written in any way. */

export type Node =
  /** A scalar as it is written, which may be no JSON. */
  | { kind: "scalar"; text: string }
  | { kind: "list"; items: Node[] }
  | { kind: "object"; entries: [key: string, value: Node][] };

export const scalar = (text: string): Node => ({ kind: "scalar", text });

export function treeOf(value: unknown): Node {
  if (Array.isArray(value)) return { kind: "list", items: value.map(treeOf) };
  if (typeof value === "object" && value !== null)
    return { kind: "object", entries: Object.entries(value).map(([key, inner]) => [key, treeOf(inner)]) };
  return scalar(JSON.stringify(value) ?? "null");
}

export function textOf(node: Node): string {
  switch (node.kind) {
    case "scalar":
      return node.text;
    case "list":
      return `[${node.items.map(textOf).join(",")}]`;
    case "object":
      return `{${node.entries.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`).join(",")}}`;
  }
}

/** All objects and lists of a tree, itself included. */
export function containersOf(node: Node): Exclude<Node, { kind: "scalar" }>[] {
  if (node.kind === "scalar") return [];
  const inner = node.kind === "list" ? node.items : node.entries.map(([, value]) => value);
  return [node, ...inner.flatMap(containersOf)];
}
