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
  /** JSON Schema 2020-12 of the body. */
  schema: JsonSchema;
  example: Record<string, unknown>;
}

/** All commands, family by family, and at last the relay events. */
export function describeCommands(): CommandDescription[] {
  return [...catalogue.values(), ...relayEvents].map(({ name, phase, family, summary, body, example }) => ({
    command: name,
    phase,
    family,
    summary,
    schema: jsonSchemaOf(name, body),
    example,
  }));
}
