/** The gateway itself. */
import * as v from "valibot";
import { component, described } from "./answers.ts";
import type { Documented } from "./documented.ts";

export const gatewayOperations = {
  getHealth: {
    tag: "Gateway",
    summary: "Tells whether all is well, and each problem in a sentence. An answer is a second old at most.",
    answer: component("Health", "How the gateway is doing.", {
      status: described(v.picklist(["ok", "degraded"]), "`ok` without problems."),
      version: described(v.string(), "The release that runs."),
      problems: described(v.array(v.string()), "Each is a sentence without secrets."),
    }),
  },
  getOpenApi: {
    tag: "Gateway",
    summary: "Describes this API: OpenAPI 3.1, from the definitions that route and check it.",
    answer: described(v.looseObject({ openapi: v.string() }), "An OpenAPI document."),
  },
} satisfies Record<string, Documented>;
