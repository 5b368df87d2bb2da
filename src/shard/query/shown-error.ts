import { withoutResponse } from "../../delivery/outcome.ts";

/**
 * Why an attempt failed, as a caller may know it.
 * @param sees `metadata`: less the parts of the response in it
 */
export function shownError(error: string | null, sees: "bodies" | "metadata"): string | null {
  return sees === "bodies" ? error : error && withoutResponse(error);
}
