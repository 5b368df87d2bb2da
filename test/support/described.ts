/** Whether answers are as the OpenAPI document describes them. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

interface DescribedAnswer {
  $ref?: string;
  content?: Record<string, { schema: object }>;
}

export interface DescribedOperation {
  operationId: string;
  security: Record<string, string[]>[];
  responses: Record<string, DescribedAnswer>;
}

export interface ApiDocument {
  paths: Record<string, Record<string, DescribedOperation>>;
  components: { schemas: Record<string, object>; responses: Record<string, DescribedAnswer> };
}

/** Every operation by its id, with its method and path. */
export function operationsOf(document: ApiDocument) {
  return new Map(
    Object.entries(document.paths).flatMap(([path, byMethod]) =>
      Object.entries(byMethod).map(([method, operation]) => [
        operation.operationId,
        { method: method.toUpperCase(), path, ...operation },
      ]),
    ),
  );
}

/**
 * A check of answers: it returns the difference from the document as a sentence, or null.
 * @param contentType the header of the answer
 */
export function answerCheck(document: ApiDocument) {
  const operations = operationsOf(document);
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  ajv.addSchema(placed({ $id: "components", $defs: strict(document.components.schemas) }));
  const validators = new Map<object, ValidateFunction>();
  const validatorOf = (schema: object): ValidateFunction => {
    const validator = validators.get(schema) ?? ajv.compile(placed(schema));
    validators.set(schema, validator);
    return validator;
  };
  return (operation: string, status: number, contentType: string | null, text: string): string | null => {
    const described = operations.get(operation)?.responses[status];
    if (!described) return `${operation} does not describe ${status}`;
    const { content } = described.$ref
      ? document.components.responses[described.$ref.split("/").at(-1)!]!
      : described;
    const [type] = (contentType ?? "").split(";") as [string];
    if (!content?.[type]) return `${operation} ${status} is not described as ${type}`;
    const validate = validatorOf(content[type].schema);
    const value = type === "application/json" ? JSON.parse(text) : text;
    return validate(value) ? null : `${operation}: ${ajv.errorsText(validate.errors)}\n${text}`;
  };
}

/** As JSON Schema alone has it, without an OpenAPI document around. */
function placed(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll("#/components/schemas/", "components#/$defs/"));
}

/** Fields may be added to answers: here each field must be one that the document names. */
function strict<Part>(part: Part): Part {
  if (typeof part !== "object" || part === null) return part;
  if (Array.isArray(part)) return part.map(strict) as Part;
  const parts = Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, strict(inner)]));
  return (
    "properties" in part && !("additionalProperties" in part)
      ? { ...parts, additionalProperties: false }
      : parts
  ) as Part;
}
