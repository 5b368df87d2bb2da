/**
 * The API as an OpenAPI 3.1 document, from the routes and their documentation. It is written when the page is built, and
 * served as a static file. https://spec.openapis.org/oas/v3.1.1.html
 */
import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { mostViewers } from "../shard/tail/tail.ts";
import type { Access } from "./authorize.ts";
import { type Fields, tellsOfBodies } from "./fields.ts";
import type { Operation, Parameter } from "./operation.ts";
import { component, described } from "./operations/answers.ts";
import { callbackAnswer, callbackOperation } from "./operations/callback.ts";
import type { Documented, Tag } from "./operations/documented.ts";
import { operations } from "./operations.ts";
import type { Description } from "./route.ts";

export interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  [part: string]: unknown;
}

const tags: Readonly<Record<Tag | "Callbacks", string>> = {
  Callbacks: "The callbacks that Tencent sends.",
  Gateway: "The gateway itself.",
  Events: "Callbacks that were kept, and their deliveries.",
  Destinations: "The endpoints of rules that forward.",
  "Dead letters": "Deliveries that were given up.",
  Replays: "Events of a period, sent again.",
  Rules: "Rules on trial.",
  Verdicts: "Answers to before-callbacks.",
  Observability: "Counters, commands, and differences from Tencent's documents.",
};

const apiError = component("ApiError", "Why a request was not answered.", {
  error: v.object({
    code: described(v.string(), "For programs: `unknown_parameter`, `bad_limit`."),
    message: described(v.string(), "A sentence for people."),
    path: v.exactOptional(described(v.string(), "The place in the body: `rules[1].match.body`.")),
  }),
});

const failures = {
  400: ["BadRequest", "A parameter, a key or a value is not accepted."],
  401: ["Unauthorized", "The bearer token is missing or wrong."],
  403: ["Forbidden", "The token does not allow this; or no token is set, or each is wrong: `/health` tells."],
  429: ["TooManyRequests", "This address has sent 20 wrong tokens within a minute: see `Retry-After`."],
  426: ["UpgradeRequired", "The request does not ask for a WebSocket."],
  503: [
    "Unavailable",
    `A shard does not answer, too many bodies are on their way, the gateway stops, or there are ${mostViewers} viewers already.`,
  ],
  405: ["MethodNotAllowed", "The path has no such method: the header `Allow` lists its methods."],
  default: ["Failure", "The gateway failed."],
} as const;

export function openApi(all: readonly Description[], version: string): OpenApi {
  const routes = all
    .map((route) => ({ ...route, ...documentationOf(route) }))
    .filter(({ isOfPage }) => !isOfPage);
  const error = { "application/json": { schema: schemaOf(apiError) } };
  const paths: OpenApi["paths"] = {};
  for (const route of routes) {
    const method = route.method.toLowerCase();
    paths[route.path] = { ...paths[route.path], [method]: operationOf(route, error) };
  }
  paths["/"] = { ...paths["/"], post: callbackOperation(schemaOf(callbackAnswer)) };
  const definitions = componentsOf([
    apiError,
    callbackAnswer,
    ...routes.flatMap(({ answer, also }) => (also ? [answer, also.answer] : [answer])),
  ]);
  const { $defs = {} } = toJsonSchema(v.null(), { ...settings, definitions });
  return {
    openapi: "3.1.1",
    info: {
      title: "tim-relay",
      summary: "A webhook gateway for Tencent Cloud Chat callbacks.",
      description:
        "Times are ISO 8601 in UTC with milliseconds. A list ends where `cursor` is null. HEAD is answered wherever GET is. A parameter or key that an operation does not know is refused with 400, which names the nearest known one. Fields may be added to answers.",
      version,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "The gateway that serves this document." }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: $defs,
      responses: Object.fromEntries(
        Object.values(failures).map(([name, description]) => [name, { description, content: error }]),
      ),
      securitySchemes: {
        adminToken: { type: "http", scheme: "bearer", description: "An `ADMIN_TOKEN` of the settings." },
        ruleSecret: {
          type: "http",
          scheme: "bearer",
          description: "A `secret` of the rule that the path names.",
        },
        readToken: {
          type: "http",
          scheme: "bearer",
          description:
            "A `READ_TOKEN` of the settings. The setting `READ_TOKEN_SEES` decides whether it sees bodies.",
        },
      },
    },
  };
}

const documentationOf = ({ operation }: Description): Documented => operations[operation];

/** @param error the content of an error */
function operationOf(route: Description & Documented, error: object): Operation {
  const statuses = [
    ...(route.anyQuery ? [] : ([400] as const)),
    ...(route.access === "public" ? [] : ([401, 403, 429, 503] as const)),
    405 as const,
    ...(route.status === 101 ? ([426] as const) : []),
  ];
  const parameters = [...pathParametersOf(route.path), ...queryParametersOf(route.query())];
  const named = Object.keys(route.body()).length > 0;
  const [type] = (route.type ?? "application/json").split(";") as [string];
  return {
    operationId: route.operation,
    tags: [route.tag],
    summary: route.summary,
    security: security[route.access],
    ...(parameters.length > 0 && { parameters }),
    ...(named && {
      requestBody: requestBodyOf(schemaOf(v.strictObject(route.body()))),
    }),
    responses: {
      [route.status]: success(route.answer, type),
      ...(route.also && { [route.also.status]: success(route.also.answer, type) }),
      ...Object.fromEntries(statuses.map((status) => [status, failure(status)])),
      ...(route.notFound && { 404: { description: route.notFound, content: error } }),
      default: failure("default"),
    },
  };
}

const requestBodyOf = (schema: JsonSchema): NonNullable<Operation["requestBody"]> => ({
  ...(schema.required && { required: true }),
  content: { "application/json": { schema } },
});

const success = (answer: v.GenericSchema, type: string) => ({
  description: v.getDescription(answer) ?? "The answer.",
  content: { [type]: { schema: schemaOf(answer) } },
});

const security: Readonly<Record<Access, object[]>> = {
  public: [],
  read: [{ readToken: [] }, { adminToken: [] }],
  admin: [{ adminToken: [] }],
  receiver: [{ ruleSecret: [] }, { adminToken: [] }],
};

const failure = (status: keyof typeof failures) => ({
  $ref: `#/components/responses/${failures[status][0]}`,
});

function pathParametersOf(path: string): Parameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name: name!,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParametersOf(query: Fields): Parameter[] {
  return Object.entries(query).map(([name, field]) => {
    // An absent parameter has no value: its schema is the one inside.
    const { wrapped } = field as Parts;
    const { description: told, ...schema } = schemaOf(wrapped ?? field);
    const description = tellsOfBodies(field) ? `${told} Takes a token that sees bodies.` : told;
    return {
      name,
      in: "query",
      ...(wrapped === undefined && { required: true }),
      ...(description !== undefined && { description }),
      schema,
    };
  });
}

/** A schema in which components are references. */
function schemaOf(schema: v.GenericSchema): JsonSchema {
  const { $schema, $defs, ...rest } = toJsonSchema(schema, {
    ...settings,
    definitions: componentsOf([schema]),
  });
  return rest;
}

const settings = {
  target: "draft-2020-12",
  typeMode: "input",
  // A check has no counterpart in JSON Schema: its field says the same by metadata.
  ignoreActions: ["check"] as string[],
  // To leave a key out and to set it to null is the same: null is no default worth telling.
  overrideSchema({ jsonSchema }: { jsonSchema: JsonSchema }) {
    const { default: fallback, ...rest } = jsonSchema;
    return fallback === null ? rest : null;
  },
  overrideRef: ({ referenceId }: { referenceId: string }) => `#/components/schemas/${referenceId}`,
} as const;

/** The parts that some kinds of schema have. */
interface Parts {
  wrapped?: v.GenericSchema;
  item?: v.GenericSchema;
  value?: v.GenericSchema;
  options?: readonly unknown[];
  entries?: Readonly<Record<string, v.GenericSchema>>;
}

/** All schemas with a title among some schemas and their parts, by their titles. */
function componentsOf(schemas: readonly v.GenericSchema[]): Record<string, v.GenericSchema> {
  const found: Record<string, v.GenericSchema> = {};
  const look = (schema: v.GenericSchema): void => {
    const title = v.getTitle(schema);
    if (title !== undefined) {
      if (found[title] !== undefined && found[title] !== schema)
        throw new Error(`two schemas are named ${title}`);
      found[title] = schema;
    }
    const { wrapped, item, value, options = [], entries = {} } = schema as Parts;
    const parts = [wrapped, item, value, ...options, ...Object.values(entries)];
    for (const part of parts) if (typeof part === "object" && part !== null) look(part as v.GenericSchema);
  };
  for (const schema of schemas) look(schema);
  return found;
}
