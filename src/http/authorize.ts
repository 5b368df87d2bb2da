/** The admin token, which opens the API. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Config } from "../config.ts";
import { Refusal } from "./reply.ts";

/** The digests of each configuration's tokens, made once: a wrong guess must cost next to nothing. */
const digests = new WeakMap<readonly string[], readonly Buffer[]>();

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
  let expected = digests.get(adminTokens);
  if (expected === undefined) {
    expected = adminTokens.map(digest);
    digests.set(adminTokens, expected);
  }
  const found = digest(given);
  // Each token is compared, so that the time tells nothing about which one is near.
  const fitting = expected.filter((one) => timingSafeEqual(one, found));
  if (fitting.length === 0) throw new Refusal(401, "wrong_token", "the bearer token is not an ADMIN_TOKEN");
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
