/** The rule to listen for, where the command names none. */
import { ApiError, type Client } from "../../client/index.js";
import { Misuse } from "../failure.ts";

/** @throws Misuse unless exactly one rule has a listener */
export async function onlyListener(relay: Client): Promise<string> {
  const rules = await relay.get("/api/rules").catch(nameAdvised);
  const names = rules.flatMap(({ name, rule }) => (name !== null && hasListener(rule) ? [name] : []));
  const [only, ...others] = names;
  if (only === undefined)
    throw new Misuse('no rule has a listener: give one "url": "listener:" or "ask": "listener:"');
  if (others.length > 0) throw new Misuse(`several rules have a listener: name one of ${names.join(", ")}`);
  return only;
}

/** A rule's secret opens what is that rule's alone, and not the list of rules. */
function nameAdvised(error: unknown): never {
  if (!(error instanceof ApiError && error.code === "wrong_token")) throw error;
  const { code, message, status } = error;
  throw new ApiError(code, `${message}; with a rule's secret, name the rule`, { status, cause: error });
}

function hasListener(rule: unknown): boolean {
  const { url, ask } = (rule ?? {}) as { url?: unknown; ask?: unknown };
  return [url, ask].flat().some((address) => typeof address === "string" && address.trim() === "listener:");
}
