/** The API's answers. */

export function json(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });
}

/** Something about a request that its sender should change: answered with a code for programs and a sentence for people. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  /** Where in the body. */
  readonly path: string | undefined;

  constructor(status: number, code: string, sentence: string, path?: string) {
    super(sentence);
    this.status = status;
    this.code = code;
    this.path = path;
  }
}

export function refused({ status, code, message, path }: Refusal): Response {
  const response = json({ error: { code, message, path } }, status);
  if (status === 401) response.headers.set("www-authenticate", "Bearer");
  return response;
}

/** ISO 8601, UTC, milliseconds; null stays null. */
export function time(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** The body of a request: a JSON object, or nothing. */
export async function objectOf(request: Request): Promise<Record<string, unknown>> {
  return objectIn(await request.text());
}

/** @param parse throws if a text is not JSON */
export function objectIn(
  text: string,
  parse: (text: string) => unknown = JSON.parse,
): Record<string, unknown> {
  if (text.trim() === "") return {};
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    throw new Refusal(400, "bad_body", "the body is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Refusal(400, "bad_body", "the body is not a JSON object");
  return value as Record<string, unknown>;
}

/** A list of texts in a body, each once; null if it is not there. */
export function textsOf(body: Record<string, unknown>, field: string): string[] | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string"))
    throw new Refusal(400, "bad_body", `${field}: expected a list of texts`);
  return [...new Set<string>(value)];
}
