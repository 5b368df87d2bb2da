/** The admin token, which opens the API. */
import type { Config } from "../config.ts";
import { timingSafeEqual } from "../timing-safe.ts";
import { Refusal } from "./reply.ts";

/** Throws a refusal unless the request carries `Authorization: Bearer` and one of the tokens. */
export function authorize(request: Request, { adminTokens }: Config): void {
  if (adminTokens.length === 0)
    throw new Refusal(
      403,
      "no_admin_token",
      "no ADMIN_TOKEN opens the API: it is not set, or /health says what is wrong with it",
    );
  const [, given] = /^Bearer +(.+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  if (given === undefined)
    throw new Refusal(401, "no_token", "the header Authorization: Bearer <ADMIN_TOKEN> is missing");
  // Each token is compared, so that the time reveals nothing about a token that is near.
  const fitting = adminTokens.filter((token) => timingSafeEqual(given, token));
  if (fitting.length === 0) throw new Refusal(401, "wrong_token", "the bearer token is not an ADMIN_TOKEN");
}
