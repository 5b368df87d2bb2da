/** JSON whose numbers are written as they were read, those beyond 2^53 too. */

/** JSON text that is written as it stands. https://github.com/tc39/proposal-json-parse-with-source */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** For writing only: a number that would come out as another text is no number here. */
export function parseExactly(text: string): unknown {
  return JSON.parse(text, (_key, value, context?: { source?: string }) =>
    typeof value === "number" && String(value) !== context?.source ? rawJSON(context!.source!) : value,
  );
}
