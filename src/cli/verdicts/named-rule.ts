/** Questions about a rule by its name: where that is of another kind, a sentence names the rules that are of the right one. */
import { ApiError, type Client, type components } from "../../client/index.js";

type Schemas = components["schemas"];
type Rule = Schemas["Rule"];

/**
 * How a shadow rule compares with the verdicts. A removed one is compared as long as its opinions are kept.
 * @throws ApiError if the name is that of another rule, or of none
 */
export async function shadowDiff(
  relay: Client,
  query: { rule: string; since?: string; until?: string; limit: number },
): Promise<Schemas["VerdictDiff"]> {
  const { rule } = query;
  const diff = await relay.get("/api/verdicts/diff", { query }).catch(nullIfBadRule);
  if (diff !== null && diff.agreed + diff.differed + diff.unanswered > 0) return diff;
  const rules = await relay.get("/api/rules");
  const isRemoved = rules.every(({ name }) => name !== rule);
  if (diff !== null && (isRemoved || rules.some((one) => one.name === rule && isShadow(one)))) return diff;
  throw otherKind(rule, rules, "shadow rule", isShadow);
}

/**
 * How a rule would have decided.
 * @param body its rule: one of the gateway by its name, or a new one
 * @throws ApiError if the name is that of a rule that does not decide, or of none
 */
export async function ruleTrial(
  relay: Client,
  body: { rule: string | Record<string, unknown>; since?: string; until?: string; limit: number },
): Promise<Schemas["VerdictReplay"]> {
  if (typeof body.rule !== "string") return relay.post("/api/verdicts/replay", { body });
  const trial = await relay.post("/api/verdicts/replay", { body }).catch(nullIfBadRule);
  if (trial !== null) return trial;
  const rules = await relay.get("/api/rules");
  throw otherKind(body.rule, rules, "ask or answer rule", ({ kind }) => kind === "ask" || kind === "answer");
}

function nullIfBadRule(error: unknown): null {
  if (error instanceof ApiError && error.code === "bad_rule") return null;
  throw error;
}

function isShadow({ rule }: Rule): boolean {
  return (rule as { shadow?: unknown } | null)?.shadow === true;
}

function otherKind(name: string, rules: readonly Rule[], kind: string, fits: (rule: Rule) => boolean) {
  const found = rules.find((rule) => rule.name === name);
  if (found && fits(found))
    return new ApiError("wrong_rule", `${name} has a wrong rule: /health says what to mend`);
  const others = rules.filter((rule) => fits(rule) && rule.state !== "wrong").map((rule) => rule.name);
  const subject = found ? `${name} is no ${kind}` : `there is no rule ${JSON.stringify(name)}`;
  return new ApiError("bad_rule", `${subject}; ${kind}s: ${others.join(", ") || "none"}`);
}
