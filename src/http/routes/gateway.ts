/** The gateway itself: its health, and the document of its API. Both are public. */
import * as v from "valibot";
import { version } from "../../version.ts";
import { component, described } from "../answers.ts";
import { health } from "../health.ts";
import { openApi } from "../openapi.ts";
import { type Route, route } from "../route.ts";

const showHealth = route(
  {
    method: "GET",
    path: "/health",
    operation: "getHealth",
    tag: "Gateway",
    access: "public",
    summary: "Tells whether all is well, and each problem in a sentence. An answer is a second old at most.",
    answer: component("Health", "How the gateway is doing.", {
      status: described(v.picklist(["ok", "degraded"]), "`ok` without problems."),
      version: described(v.string(), "The release that runs."),
      problems: described(v.array(v.string()), "Each is a sentence without secrets."),
    }),
  },
  health,
);

/** @param routes all routes of the document, this one included */
const showOpenApi = (routes: () => readonly Route[]) => {
  let document: ReturnType<typeof openApi> | undefined;
  return route(
    {
      method: "GET",
      path: "/openapi.json",
      operation: "getOpenApi",
      tag: "Gateway",
      access: "public",
      summary: "Describes this API: OpenAPI 3.1, from the definitions that route and check it.",
      answer: described(v.looseObject({ openapi: v.string() }), "An OpenAPI document."),
    },
    () => (document ??= openApi(routes(), version)),
  );
};

export const gatewayRoutes = (routes: () => readonly Route[]): Route[] => [showHealth, showOpenApi(routes)];
