/** JSON whose numbers are written exactly as they were read, also beyond 2^53. */
import { rawJSON, revived } from "../callback/json.ts";

/**
 * Parses JSON for writing it again: a number that would be written differently becomes a raw JSON value instead. If the
 * text is nested too deeply for a reviver, numbers are rounded.
 */
export function parseExactly(text: string): unknown {
  return revived(text, (_holder, _key, value, source) =>
    typeof value === "number" && source !== undefined && String(value) !== source ? rawJSON(source) : value,
  );
}
