/** JSON whose numbers are written exactly as they were read, also beyond 2^53. */
import { revived } from "../callback/json.ts";

/** Makes a value that `JSON.stringify` writes as this text. https://github.com/tc39/proposal-json-parse-with-source */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/**
 * Parses JSON for writing it again: a number that would be written differently becomes a raw JSON value instead. If the
 * text is nested too deeply for a reviver, numbers are rounded.
 */
export function parseExactly(text: string): unknown {
  return revived(text, (_holder, _key, value, source) =>
    typeof value === "number" && source !== undefined && String(value) !== source ? rawJSON(source) : value,
  );
}
