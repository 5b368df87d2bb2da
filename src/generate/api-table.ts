/** The table of `docs/api.md`: every route, from the OpenAPI document. */
import type { JsonSchema } from "@valibot/to-json-schema";
import type { OpenApi } from "../http/openapi.ts";
import type { Operation } from "../http/operation.ts";
import type { Language } from "./language.ts";
import { table } from "./markdown.ts";
import { summaries } from "./zh-CN/operations.ts";
import { parameterInChinese } from "./zh-CN/parameters.ts";

/** The words around the texts of the document, which are English, and their punctuation. */
interface Words {
  head: readonly string[];
  summaryOf(operation: Operation): string;
  /** A description of a parameter, as a part of a sentence. */
  within(description: string): string;
  isPublic: string;
  parameters: string;
  body: string;
  /** Between sentences, between members of a list, between the parts of a description. */
  gap: string;
  comma: string;
  semicolon: string;
  stop: string;
  brackets(text: string): string;
  range(least: number, most: number): string;
  fallback(value: unknown): string;
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    head: ["Route", "Does"],
    summaryOf: ({ summary }) => summary,
    within: (description) =>
      description.replace(/\.$/, "").replace(/^[A-Z](?=[a-z]* )/, (letter) => letter.toLowerCase()),
    isPublic: "Public.",
    parameters: "Parameters: ",
    body: "Body: ",
    gap: " ",
    comma: ", ",
    semicolon: "; ",
    stop: ".",
    brackets: (text) => ` (${text})`,
    range: (least, most) => `${least} to ${most}`,
    fallback: (value) => `, default ${value}`,
  },
  "zh-CN": {
    head: ["路由", "作用"],
    summaryOf: ({ operationId }) => summaries[operationId as keyof typeof summaries],
    within: parameterInChinese,
    isPublic: "公开。",
    parameters: "参数：",
    body: "请求体：",
    gap: "",
    comma: "、",
    semicolon: "；",
    stop: "。",
    brackets: (text) => `（${text}）`,
    range: (least, most) => `${least} 至 ${most}`,
    fallback: (value) => `，默认 ${value}`,
  },
};

export function apiTable({ paths }: OpenApi, language: Language): string {
  const { head } = words[language];
  const rows = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      // Callbacks have a chapter of their own.
      .filter(([, { operationId }]) => operationId !== "receiveCallback")
      .map(([method, operation]) => [
        `\`${method.toUpperCase()} ${path}\``,
        meaningOf(operation, words[language]),
      ]),
  );
  return table(head, rows);
}

/** The summary of an operation and its parameters. */
function meaningOf(operation: Operation, words: Words): string {
  const { security, parameters = [], requestBody } = operation;
  const query = parameters.flatMap(({ name, in: place, description = "", schema }) =>
    place === "query" ? [[name, { ...schema, description }] as const] : [],
  );
  const body = Object.entries(requestBody?.content["application/json"].schema.properties ?? {});
  return [
    words.summaryOf(operation),
    ...(security.length === 0 ? [words.isPublic] : []),
    ...named(words.parameters, query, words),
    ...named(words.body, body, words),
  ].join(words.gap);
}

function named(
  title: string,
  schemas: readonly (readonly [name: string, schema: JsonSchema | boolean])[],
  words: Words,
): string[] {
  const names = schemas.map(([name, schema]) => `\`${name}\`${words.brackets(describe(schema, words))}`);
  return names.length === 0 ? [] : [`${title}${names.join(words.comma)}${words.stop}`];
}

/** A description within a sentence, with the values that are accepted. */
function describe(schema: JsonSchema | boolean, words: Words): string {
  if (typeof schema === "boolean") return "";
  // A key of a body may be null, too.
  const { description, ...rest }: JsonSchema = schema.anyOf?.some((one) => isNull(one))
    ? { ...schema, ...(schema.anyOf[0] as JsonSchema) }
    : schema;
  const choices = rest.enum?.map((word) => `\`${word}\``).join(words.comma);
  const range =
    rest.maximum !== undefined &&
    `${words.range(rest.minimum!, rest.maximum)}${rest.default === undefined ? "" : words.fallback(rest.default)}`;
  return [words.within(description ?? ""), choices, range].filter(Boolean).join(words.semicolon);
}

const isNull = (schema: JsonSchema | boolean) => typeof schema === "object" && schema.type === "null";
