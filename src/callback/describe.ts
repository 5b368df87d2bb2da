/** The catalogue as JSON, for the API. */
import { catalogue } from "./catalogue.ts";
import type { Command } from "./command.ts";
import { type JsonSchema, jsonSchemaOf } from "./json-schema.ts";
import { relayEvents } from "./relay-events.ts";

export interface CommandDescription {
  command: string;
  phase: Command["phase"];
  family: Command["family"];
  summary: string;
  documentation: ReturnType<typeof pagesOf>;
  /** JSON Schema 2020-12 of the body. */
  schema: JsonSchema;
  example: Record<string, unknown>;
}

/** The addresses of Tencent's pages about a command, in Chinese and in English; null where there is none. */
export function pagesOf({ zh, intl }: Command["docs"]): { zh: string | null; en: string | null } {
  return {
    zh: zh && `https://cloud.tencent.com/document/product/${zh}`,
    en: intl && `https://www.tencentcloud.com/document/product/${intl}`,
  };
}

/** All commands, family by family, and at last the relay events. */
export function describeCommands(): CommandDescription[] {
  return [...catalogue.values(), ...relayEvents].map(
    ({ name, phase, family, summary, docs, body, example }) => ({
      command: name,
      phase,
      family,
      summary,
      documentation: pagesOf(docs),
      schema: jsonSchemaOf(name, body),
      example,
    }),
  );
}
