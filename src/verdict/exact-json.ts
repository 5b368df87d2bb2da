/** JSON whose numbers are written as they were read, those beyond 2^53 too. */
import { revived } from "../callback/json.ts";

/** JSON text that is written as it stands. https://github.com/tc39/proposal-json-parse-with-source */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/**
 * For writing only: a number that would come out as another text is no number here. Where the text is nested too deeply
 * for that, numbers are rounded.
 */
export function parseExactly(text: string): unknown {
  return revived(text, (_holder, _key, value, source) =>
    typeof value === "number" && source !== undefined && String(value) !== source ? rawJSON(source) : value,
  );
}
