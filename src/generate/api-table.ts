/** The table of `docs/api.md`: every route, from the OpenAPI document. */
import type { JsonSchema } from "@valibot/to-json-schema";
import type { OpenApi } from "../http/openapi.ts";
import type { Operation } from "../http/operation.ts";
import { table } from "./markdown.ts";

export function apiTable({ paths }: OpenApi): string {
  const rows = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      // Callbacks have a chapter of their own.
      .filter(([, { operationId }]) => operationId !== "receiveCallback")
      .map(([method, operation]) => [`\`${method.toUpperCase()} ${path}\``, meaningOf(operation)]),
  );
  return table(["Route", "Does"], rows);
}

/** The summary of an operation and its parameters. */
function meaningOf({ summary, security, parameters = [], requestBody }: Operation): string {
  const query = parameters.flatMap(({ name, in: place, description = "", schema }) =>
    place === "query" ? [[name, { ...schema, description }] as const] : [],
  );
  const body = Object.entries(requestBody?.content["application/json"].schema.properties ?? {});
  return [
    summary,
    ...(security.length === 0 ? ["Public."] : []),
    ...named("Parameters", query),
    ...named("Body", body),
  ].join(" ");
}

function named(
  title: string,
  schemas: readonly (readonly [name: string, schema: JsonSchema | boolean])[],
): string[] {
  const names = schemas.map(([name, schema]) => `\`${name}\` (${describe(schema)})`);
  return names.length === 0 ? [] : [`${title}: ${names.join(", ")}.`];
}

/** A description within a sentence, with the values that are accepted. */
function describe(schema: JsonSchema | boolean): string {
  if (typeof schema === "boolean") return "";
  // A key of a body may be null, too.
  const { description, ...rest }: JsonSchema = schema.anyOf?.some((one) => isNull(one))
    ? { ...schema, ...(schema.anyOf[0] as JsonSchema) }
    : schema;
  const text = (description ?? "")
    .replace(/\.$/, "")
    .replace(/^[A-Z](?=[a-z]* )/, (letter) => letter.toLowerCase());
  const words = rest.enum?.map((word) => `\`${word}\``).join(", ");
  const range =
    rest.maximum !== undefined &&
    `${rest.minimum} to ${rest.maximum}${rest.default === undefined ? "" : `, default ${rest.default}`}`;
  return [text, words, range].filter(Boolean).join("; ");
}

const isNull = (schema: JsonSchema | boolean) => typeof schema === "object" && schema.type === "null";
