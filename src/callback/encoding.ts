/** The `content-encoding` of a body, for a sentence about one that cannot be read. Null: none, or no readable one. */
export function encodingOf({ headers }: { headers: Headers }): string | null {
  const encoding = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  return encoding !== "identity" && /^[\w., -]{1,64}$/.test(encoding) ? encoding : null;
}
