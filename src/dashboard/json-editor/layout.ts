/** JSON as a person would write it: what fits in a line stays in one. Values are as `parseExact` gives them. */

const width = 90;

/** `{ "name": "audit", "on": "Group.*" }` in one line, or a line for each part. */
export function laidOut(value: unknown, indent = ""): string {
  const line = oneLine(value, " ");
  if (typeof value !== "object" || value === null || indent.length + line.length <= width) return line;
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const parts = partsOf(value).map(([key, item]) => inner + key + laidOut(item, inner));
  return `${open}\n${parts.join(",\n")}\n${indent}${close}`;
}

/** Without a space: a variable holds 5 KB. */
export function minified(value: unknown): string {
  return oneLine(value, "");
}

function oneLine(value: unknown, space: string): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const parts = partsOf(value, space).map(([key, item]) => key + oneLine(item, space));
  if (Array.isArray(value)) return `[${parts.join(`,${space}`)}]`;
  return parts.length === 0 ? "{}" : `{${space}${parts.join(`,${space}`)}${space}}`;
}

function partsOf(value: object, space = " "): (readonly [string, unknown])[] {
  if (Array.isArray(value)) return value.map((item) => ["", item]);
  return Object.entries(value).map(([key, item]) => [`${JSON.stringify(key)}:${space}`, item]);
}
