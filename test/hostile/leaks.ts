/** Looks for secrets in texts: the values themselves, their encodings, and parts that give most of them away. */

/** A beginning of this length is a leak. Characters. */
const prefixLength = 8;

export interface Secret {
  /** For the report: a leak must not be printed. */
  name: string;
  value: string;
}

/** The forms in which a secret could come out, by their names. */
function formsOf(value: string): Record<string, string> {
  const bytes = Buffer.from(value);
  const half = Math.ceil(value.length / 2);
  const reversed = [...value].reverse().join("");
  return {
    plain: value,
    prefix: value.slice(0, prefixLength),
    reversed,
    "first half reversed": reversed.slice(-half),
    "second half reversed": reversed.slice(0, half),
    hex: bytes.toString("hex"),
    HEX: bytes.toString("hex").toUpperCase(),
    percent: encodeURIComponent(value),
    "all percent": bytes.toString("hex").replace(/../g, "%$&"),
    json: JSON.stringify(value).slice(1, -1),
    // The beginnings of the three alignments at which base64 may hold it.
    ...Object.fromEntries([0, 1, 2].map((shift) => [`base64 at ${shift}`, base64Within(bytes, shift)])),
  };
}

/** The characters of base64 that depend on the secret alone, if so many bytes stand before it. */
function base64Within(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
  return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
}

interface Form {
  secret: string;
  name: string;
  text: string;
}

/** A search for these secrets. It returns the names of the forms that a text holds. */
export function leakFinder(secrets: readonly Secret[]): (text: string) => string[] {
  const forms: Form[] = secrets.flatMap(({ name: secret, value }) =>
    Object.entries(formsOf(value)).map(([name, text]) => ({ secret, name, text })),
  );
  for (const { text } of forms)
    if (text.length < 6) throw new Error("a secret is too short to be looked for");
  return (text) =>
    forms.filter((form) => text.includes(form.text)).map(({ secret, name }) => `${secret}, ${name}`);
}
