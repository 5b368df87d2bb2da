/** Requests to a gateway, as documents make them: by `curl`, by the function `ask` of a page, or as `GET /api/me`. */
import { Ajv2020 } from "ajv/dist/2020.js";
import api from "../../docs/openapi.json" with { type: "json" };

interface Parameter {
  name: string;
  in: string;
  schema: object;
}

interface Operation {
  parameters?: readonly Parameter[];
  requestBody?: { content: Readonly<Record<string, { schema: object }>> };
}

export interface Request {
  method: string;
  /** With the query. */
  path: string;
  body: string | null;
}

/** Options of curl that documents use; true: it takes a value. */
const curlOptions: Readonly<Record<string, boolean>> = {
  "-s": false,
  "-S": false,
  "-sS": false,
  "-f": false,
  "-N": false,
  "-i": false,
  "-H": true,
  "--header": true,
  "-X": true,
  "--request": true,
  "-d": true,
  "--data": true,
  "-o": true,
  "--output": true,
};

/** A gateway in documents: an example's host, this machine, a variable, or left out. */
const gateway =
  /^(https:\/\/([\w.-]+\.)?example\.com|https:\/\/[\w.-]+(<[\w-]+>|\.[\w-]+)\.workers\.dev|http:\/\/(localhost|127\.0\.0\.1)(:\d+)?|https:\/\/…|\$[A-Z_]+)(?=\/|$|\$\d)/;

/** The request of these arguments of `curl`. @throws Error if an option is not known */
export function requestOf(args: readonly string[]): Request | { elsewhere: string } {
  const given = new Map<string, string>();
  const addresses: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    // Of a function: its own arguments.
    if (/^\$\{@/.test(word)) continue;
    if (!word.startsWith("-")) addresses.push(word);
    else if (!(word in curlOptions))
      throw new Error(`${word} of curl is not known here: add it to test/samples/curl.ts`);
    else given.set(word, curlOptions[word] ? (args[++at] ?? "") : "");
  }
  const [address = ""] = addresses;
  if (addresses.length !== 1) throw new Error(`expected one address, got ${addresses.join(" ") || "none"}`);
  const base = gateway.exec(address)?.[0];
  if (base === undefined) return { elsewhere: address };
  const body = given.get("-d") ?? given.get("--data") ?? null;
  const method = given.get("-X") ?? given.get("--request") ?? (body === null ? "GET" : "POST");
  return { method, path: address.slice(base.length) || "/", body };
}

const options = { strict: false, allErrors: true, formats: { "date-time": true } } as const;
const ofJson = new Ajv2020(options);
/** A value of a query is a text: `3` is a number there. */
const ofQuery = new Ajv2020({ ...options, coerceTypes: true });

/** The mistake in a request, by the OpenAPI document, or null. */
export function requestProblem({ method, path, body }: Request): string | null {
  if (/^\$\d/.test(path)) return null;
  const [route = "", query = ""] = path.split("?");
  const found = Object.entries(api.paths as Record<string, Record<string, Operation>>).find(([template]) =>
    fits(template, route),
  );
  if (!found) return `${route} is no path of docs/openapi.json`;
  const operation = found[1][method.toLowerCase()];
  if (!operation) return `${method} ${route}: docs/openapi.json has ${Object.keys(found[1]).join(", ")}`;
  for (const [name, value] of new URLSearchParams(query)) {
    const parameter = operation.parameters?.find((one) => one.name === name && one.in === "query");
    if (!parameter) return `${method} ${route} has no parameter ${name}`;
    const problem = isPlaceholder(value) ? null : schemaProblem(parameter.schema, value, { ajv: ofQuery });
    if (problem !== null) return `${name}=${value}:${problem}`;
  }
  if (body === null || body.startsWith("@")) return null;
  const schema = operation.requestBody?.content["application/json"]?.schema;
  if (!schema) return `${method} ${route} takes no body`;
  try {
    return schemaProblem(schema, JSON.parse(body));
  } catch (error) {
    return `the body is no JSON: ${error}`;
  }
}

/** `ID`, `$NAME`, `…`: a reader puts a value there. */
export function isPlaceholder(text: string): boolean {
  return /^(…|[A-Z][A-Z_]*|\$\w+|<[\w-]+>)$/.test(text);
}

function fits(template: string, route: string): boolean {
  const [parts, given] = [template.split("/"), route.split("/")];
  return (
    parts.length === given.length &&
    parts.every((part, index) => part === given[index] || (part.startsWith("{") && given[index] !== ""))
  );
}

/**
 * The mistake in a value, by a schema of the document, or null.
 * @param partial fields that are required may be missing, and a field must be one that the document names
 */
export function schemaProblem(
  schema: object,
  value: unknown,
  { partial = false, ajv = ofJson } = {},
): string | null {
  const whole = { components: { schemas: api.components.schemas }, ...schema };
  const validate = ajv.compile(partial ? partOf(whole) : whole);
  return validate(value) ? null : ajv.errorsText(validate.errors, { dataVar: "" });
}

/** A schema of the document by its name. */
export function namedSchema(name: keyof typeof api.components.schemas): object {
  return { $ref: `#/components/schemas/${name}` };
}

function partOf<Schema>(schema: Schema): Schema {
  if (Array.isArray(schema)) return schema.map(partOf) as Schema;
  if (typeof schema !== "object" || schema === null) return schema;
  const { required, oneOf, ...parts } = Object.fromEntries(
    Object.entries(schema).map(([name, inner]) => [name, partOf(inner)]),
  );
  return {
    ...parts,
    ...(oneOf && { anyOf: oneOf }),
    ...(!Array.isArray(required) && required && { required }),
    ...(parts.properties && !("additionalProperties" in parts) && { additionalProperties: false }),
  } as Schema;
}
