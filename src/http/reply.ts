/** The API's answers and errors. */

/** The headers of an answer. Answers hold texts of users: a browser must not take them for another type, such as a page. */
export function headersOf(type: string): Record<string, string> {
  return { "content-type": type, "x-content-type-options": "nosniff" };
}

export function json(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), { status, headers: headersOf("application/json") });
}

/** A request that its sender should change: answered with a code for programs and a sentence for people. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  /** The place in the body. */
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

/** ISO 8601, UTC, milliseconds; null stays null. @param ms Unix milliseconds */
export function time<Ms extends number | null>(ms: Ms): Ms extends null ? null : string;
export function time(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
