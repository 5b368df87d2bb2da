/** An operation of an OpenAPI document. https://spec.openapis.org/oas/v3.1.1.html#operation-object */
import type { JsonSchema } from "@valibot/to-json-schema";

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security: object[];
  parameters?: Parameter[];
  requestBody?: { required?: true; content: { "application/json": { schema: JsonSchema } } };
  responses: Record<string, object>;
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: true;
  description?: string;
  schema: JsonSchema;
}
