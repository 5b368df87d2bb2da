import { withoutTarget } from "../../delivery/outcome.ts";

/**
 * Why an attempt failed, as a caller may know it.
 * @param sees `metadata`: less the target of a redirect, a part of the response
 */
export function shownError(error: string | null, sees: "bodies" | "metadata"): string | null {
  return sees === "bodies" ? error : error && withoutTarget(error);
}
