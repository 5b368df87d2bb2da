/** JSON Schema 2020-12 of `tim-relay.jsonc`, with which editors complete it and mark mistakes. */

import { plainVariables } from "../cli/user-file.ts";
import type { JsonObject } from "../rule/json.ts";
import { rulesSchema } from "../rule/schema.ts";
import { settingMeanings } from "../setting-meanings.ts";
import { type Setting, settings } from "../settings.ts";

export function userFileSchema(): JsonObject {
  const { $schema, $defs, title: _, ...rules } = rulesSchema();
  const part = {
    vars: {
      description: "Variables of the Worker. Secrets do not belong here: npx wrangler secret put NAME.",
      type: "object",
      properties: Object.fromEntries(plainVariables.map((name) => [name, variableSchema(name)])),
      additionalProperties: false,
    },
    rules: { description: "The rules, in their order.", ...rules },
    redact: redactSchema,
    domains: domainsSchema,
  };
  return {
    $schema: $schema!,
    title: "Settings of a deployment of tim-relay",
    type: "object",
    properties: {
      $schema: { type: "string" },
      ...part,
      environments: {
        description:
          "For npm run deploy -- --env NAME: what differs there. Rules and masks replace those of all; domains are its own.",
        type: "object",
        propertyNames: { pattern: "^[a-z0-9-]{1,40}$" },
        additionalProperties: { type: "object", properties: part, additionalProperties: false },
      },
    },
    additionalProperties: false,
    $defs: $defs!,
  };
}

const redactSchema: JsonObject = {
  description: settingMeanings.REDACT,
  type: "array",
  items: {
    type: "object",
    properties: {
      on: {
        description: "A command or several; * stands for any run of characters.",
        ...texts("*.CallbackAfterSendMsg"),
      },
      paths: {
        description: "Fields of the body, steps joined by dots.",
        ...texts("MsgBody.MsgContent.Text"),
      },
    },
    required: ["on", "paths"],
    additionalProperties: false,
  },
};

const domainsSchema: JsonObject = {
  description:
    "Hosts of your zones at Cloudflare under which the Worker is reached. Cloudflare makes their DNS records and certificates.",
  type: "array",
  items: { type: "string", examples: ["tim.example.com"] },
};

function texts(example: string): JsonObject {
  return {
    anyOf: [{ type: "string" }, { type: "array", items: { type: "string" }, minItems: 1 }],
    examples: [example],
  };
}

/** The forms in which the file takes a variable's value: `null` unsets it. The default is in the description of editors. */
function variableSchema(name: string): JsonObject {
  const setting = name as keyof typeof settings;
  const { schema, default: standard } = settings[setting] as Setting<unknown>;
  const options = optionsIn(schema());
  const scalars = ["string", "number", "boolean", "null"];
  return {
    description: settingMeanings[setting],
    ...(options
      ? { enum: [...options, null] }
      : {
          anyOf: [{ type: scalars }, { type: "array", items: { type: ["string", "number"] }, minItems: 1 }],
        }),
    ...(["string", "number", "boolean"].includes(typeof standard) ? { default: standard as string } : {}),
  };
}

/** A part of a valibot schema, as far as it is looked into. */
interface Part {
  type: string;
  options?: readonly (string | Part)[];
  pipe?: readonly Part[];
  wrapped?: Part;
}

/** The values that a schema takes, if they are few: the options of its picklist, and both values of a flag. */
function optionsIn(schema: object): readonly (string | boolean)[] | null {
  const { type, options = [], pipe = [], wrapped } = schema as Part;
  if (type === "picklist") return options.filter((one) => typeof one === "string");
  if (options.some((one) => typeof one === "object" && one.type === "boolean")) return [true, false];
  for (const part of wrapped ? [wrapped] : pipe) {
    const found = part === schema ? null : optionsIn(part);
    if (found) return found;
  }
  return null;
}
