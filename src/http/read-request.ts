/**
 * Reads a request by the fields of its route. A name that the route does not know is refused: without
 * a misspelt filter, everything would be shown or sent.
 */
import * as v from "valibot";
import { decode } from "../callback/json.ts";
import { mistakeIn } from "../callback/json-mistake.ts";
import { isObject, type JsonObject, parseJson } from "../rule/json.ts";
import { repeatedKeys } from "../rule/json-text.ts";
import { nearestOf } from "../rule/nearest.ts";
import { inside, pathAt } from "../rule/setting-path.ts";
import { say } from "../sentence.ts";
import { joined } from "./chunks.ts";
import { type Fields, tellsOfBodies } from "./fields.ts";
import { Refusal } from "./reply.ts";

/** Largest body of a request of the API, bytes. A larger one would take the memory of callbacks. */
const maxBodyBytes = 1024 * 1024;

/** Methods whose requests have no body. */
const bodiless = ["GET", "HEAD"];

type Values = Record<string, unknown>;

/** Decodes the parts of a path. */
export function readParameters(parts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, decoded(part)]));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, "bad_path", say`the path is not encoded rightly`);
  }
}

/** @param anyQuery whether unknown parameters are ignored */
export function readQuery(searchParams: URLSearchParams, fields: Fields, anyQuery = false): Values {
  if (anyQuery) return {};
  const given: Values = {};
  for (const [name, text] of searchParams) {
    if (!Object.hasOwn(fields, name)) throw unknownName("parameter", name, fields);
    if (Object.hasOwn(given, name))
      throw new Refusal(400, "repeated_parameter", say`${name}: is given more than once`);
    given[name] = text;
  }
  return valuesOf(fields, given);
}

/** Throws if a caller that sees metadata alone uses a parameter which tells of bodies. */
export function refuseBodyFields(searchParams: URLSearchParams, fields: Fields): void {
  const [name] = Object.keys(fields).filter((name) => searchParams.get(name) && tellsOfBodies(fields[name]!));
  if (name !== undefined)
    throw new Refusal(
      403,
      "bodies_not_seen",
      say`${name}: takes an ADMIN_TOKEN, or a READ_TOKEN with READ_TOKEN_SEES=bodies`,
    );
}

/** The body of a request by its fields, and as it was received. */
export async function readBody(request: Request, fields: Fields): Promise<{ text: string; values: Values }> {
  const { text, body } = bodiless.includes(request.method) ? { text: "", body: {} } : await bodyOf(request);
  for (const name of Object.keys(body))
    if (!Object.hasOwn(fields, name)) throw unknownName("key", name, fields);
  return { text, values: valuesOf(fields, body) };
}

const inSnakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Throws a refusal with the code `bad_<name>` for the first value that its field does not accept. */
function valuesOf(fields: Fields, given: Readonly<Values>): Values {
  const values: Values = {};
  for (const [name, field] of Object.entries(fields)) {
    const read = v.safeParse(field, given[name]);
    if (!read.success)
      throw new Refusal(400, `bad_${inSnakeCase(name)}`, say`${name}: ${read.issues[0].message}`);
    values[name] = read.output;
  }
  return values;
}

function unknownName(kind: "parameter" | "key", name: string, fields: Fields): Refusal {
  const shown = /^[\w.-]{1,100}$/.test(name) ? name : JSON.stringify(name.slice(0, 100));
  const nearest = nearestOf(name.slice(0, 100), Object.keys(fields));
  const [wrong, none] =
    kind === "key"
      ? [say`is not a key here`, say`there is no key here`]
      : [say`is not a parameter here`, say`there is no parameter here`];
  const hint = nearest === null ? none : say`did you mean ${nearest}?`;
  return new Refusal(400, `unknown_${kind}`, say`${shown}: ${wrong}: ${hint}`);
}

/** A body is a JSON object, or empty. A key that is given twice is a mistake. */
async function bodyOf(request: Request): Promise<{ text: string; body: JsonObject }> {
  const decoded = decode(await bytesOf(request));
  if ("problem" in decoded) throw new Refusal(400, "bad_body", decoded.problem);
  const text = decoded.text.replace(/^\ufeff/, "");
  const body = objectIn(text);
  const [repeated] = repeatedKeys(text);
  if (repeated === undefined) return { text, body };
  const { text: path } = inside(
    pathAt("", () => {}),
    repeated,
  );
  throw new Refusal(400, repeated[0] === "rules" ? "invalid_rule" : "bad_body", say`is given twice`, path);
}

/** The whole body, unless it is too large: then only as much is read as shows that. */
async function bytesOf({ headers, body }: Request): Promise<Uint8Array> {
  const tooLarge = new Refusal(
    400,
    "bad_body",
    say`the body is larger than ${maxBodyBytes / 1024 / 1024} MiB`,
  );
  if (Number(headers.get("content-length") ?? 0) > maxBodyBytes) throw tooLarge;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body ?? []) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size > maxBodyBytes) break;
    }
  } catch {
    throw new Refusal(400, "bad_body", say`the body cannot be read: it was cut off, or is sent wrongly`);
  }
  if (size > maxBodyBytes) throw tooLarge;
  return joined(chunks, size);
}

function objectIn(text: string): JsonObject {
  if (text.trim() === "") return {};
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    throw new Refusal(400, "bad_body", mistakeIn(text));
  }
  if (!isObject(value)) throw new Refusal(400, "bad_body", say`the body is not a JSON object`);
  return value;
}
