/** The API's answers, and what is common to what it reads. */
import { decode, mistakeIn } from "../callback/json.ts";
import { isObject, type JsonObject, parseJson } from "../rule/json.ts";
import { repeatedKeys } from "../rule/json-text.ts";
import { inside, pathAt } from "../rule/setting-path.ts";

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

/** The body of a request, as it came and as what it is: a JSON object, or nothing. A key that is given twice is a mistake. */
export async function bodyOf(request: Request): Promise<{ text: string; body: JsonObject }> {
  const buffer = await request.arrayBuffer().catch(() => {
    throw new Refusal(400, "bad_body", "the body cannot be read: it was cut off, or is sent wrongly");
  });
  const decoded = decode(new Uint8Array(buffer));
  if ("problem" in decoded) throw new Refusal(400, "bad_body", decoded.problem);
  const text = decoded.text.replace(/^\ufeff/, "");
  const body = objectIn(text);
  const [repeated] = repeatedKeys(text);
  if (repeated === undefined) return { text, body };
  const { text: path } = inside(
    pathAt("", () => {}),
    repeated,
  );
  throw new Refusal(400, repeated[0] === "rules" ? "invalid_rule" : "bad_body", "is given twice", path);
}

function objectIn(text: string): JsonObject {
  if (text.trim() === "") return {};
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    throw new Refusal(400, "bad_body", mistakeIn(text));
  }
  if (!isObject(value)) throw new Refusal(400, "bad_body", "the body is not a JSON object");
  return value;
}

/** A list of texts in a body, each once; null if it is not there. */
export function textsOf(body: Readonly<Record<string, unknown>>, field: string): string[] | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string"))
    throw new Refusal(400, "bad_body", `${field}: expected a list of texts`);
  return [...new Set<string>(value)];
}
