/** The places of a body that differ from Tencent's documentation, by the differences that `/api/drift` has counted. */
import type { components } from "../../client/index.js";

type Drift = components["schemas"]["Drift"];

export interface Deviation {
  /** `GroupAtInfo[1].GroupAt_Account` */
  path: string;
  kind: Drift["kind"];
}

/** @param drift of the body's command; an item of a list has `[]` in its path */
export function deviationsOf(body: unknown, drift: readonly Drift[]): Deviation[] {
  const found: Deviation[] = [];
  const walk = (value: unknown, path: string, general: string) => {
    for (const { path: place, kind, seen } of drift)
      if (place === general && place !== "" && isSeen(value, kind, seen)) found.push({ path, kind });
    if (typeof value !== "object" || value === null) return;
    for (const [key, item] of Object.entries(value)) {
      if (Array.isArray(value)) walk(item, `${path}[${key}]`, `${general}[]`);
      else walk(item, path === "" ? key : `${path}.${key}`, general === "" ? key : `${general}.${key}`);
    }
  };
  walk(body, "", "");
  return found;
}

function isSeen(value: unknown, kind: Drift["kind"], seen: string | null): boolean {
  if (kind === "unexpected value") return String(value) === seen;
  return kindOf(value) === seen;
}

/** The name of a value's type, as the gateway tells it. */
function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "bigint") return "number";
  return typeof value === "number" && !Number.isInteger(value) ? "fraction" : typeof value;
}
