/** Reads the address that a rule sends events to. */
import type { Destination } from "../rule.ts";
import { withSecrets } from "../secret.ts";
import { destinationProblem } from "./destination-policy.ts";
import { inAnyCase, type Reader } from "./reader.ts";

/** An address, which may hold secrets or be one as a whole. White space around it is removed. */
export const destination: Reader<Destination> = {
  schema: { type: "string", pattern: `^\\s*(${inAnyCase("http")}[sS]?://|\\$[A-Za-z_])` },
  read(value, path, context) {
    // The value is not shown: an address may hold its key.
    if (typeof value !== "string") return path.problem("expected a URL");
    const written = value.trim();
    const url = withSecrets(written, "address", path, context);
    if (url === undefined) return undefined;
    const problem = destinationProblem(url, context);
    return problem === null ? { url, written } : path.problem(problem);
  },
};
