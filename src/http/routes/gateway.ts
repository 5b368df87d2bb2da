/** The gateway itself: its health, and the document of its API. Both are public. */
import { documentOf } from "../assets.ts";
import { health } from "../health.ts";
import { route } from "../route.ts";

const showHealth = route(
  {
    method: "GET",
    path: "/health",
    operation: "getHealth",
    access: "public",
  },
  health,
);

const showOpenApi = route(
  {
    method: "GET",
    path: "/openapi.json",
    operation: "getOpenApi",
    access: "public",
  },
  (context) => documentOf("openapi.json", context),
);

export const gatewayRoutes = [showHealth, showOpenApi];
