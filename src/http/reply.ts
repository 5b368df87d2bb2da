/** The API's answers and errors. */
import type { Sentence } from "../sentence.ts";

/**
 * The headers of an answer. Answers hold texts of users. So a browser must not take them for another type, such as a
 * page, and no cache may keep them.
 */
export function headersOf(type: string): Record<string, string> {
  return { "content-type": type, "x-content-type-options": "nosniff", "cache-control": "no-store" };
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
  /** Further headers of its answer. */
  headers: Readonly<Record<string, string>> = {};

  constructor(status: number, code: string, sentence: Sentence, path?: string) {
    super(sentence);
    this.status = status;
    this.code = code;
    this.path = path;
  }

  /** Adds headers to its answer. */
  with(headers: Readonly<Record<string, string>>): this {
    this.headers = { ...this.headers, ...headers };
    return this;
  }
}

export function refused({ status, code, message, path, headers }: Refusal): Response {
  const response = json({ error: { code, message, path } }, status);
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

/** ISO 8601, UTC, milliseconds; null stays null. @param ms Unix milliseconds */
export function time<Ms extends number | null>(ms: Ms): Ms extends null ? null : string;
export function time(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
