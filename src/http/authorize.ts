/** Who may use the API: whoever has the admin token. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Config } from "../config.ts";
import { Refusal } from "./reply.ts";

/** Throws a refusal unless the request carries `Authorization: Bearer ADMIN_TOKEN`. */
export function authorize(request: Request, { adminToken }: Config): void {
  if (adminToken === null)
    throw new Refusal(403, "no_admin_token", "ADMIN_TOKEN is not set: the API is closed");
  const [, given] = /^Bearer +(.+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  if (given === undefined)
    throw new Refusal(401, "no_token", "the header Authorization: Bearer <ADMIN_TOKEN> is missing");
  if (!timingSafeEqual(digest(given.trim()), digest(adminToken)))
    throw new Refusal(401, "wrong_token", "the bearer token is not the ADMIN_TOKEN");
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
