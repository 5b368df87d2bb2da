/** The sentences of `/health` by the check that repeats them. */
import { settingNames } from "../../settings.ts";

export type Topic = "unsigned" | "secrets" | "rules" | "settings" | "quarantine" | "named" | "other";

/** @param names of rules and destinations, as far as they are known */
export function topicOf(sentence: string, names: ReadonlySet<string> = new Set()): Topic {
  if (sentence.startsWith("CALLBACK_TOKEN is not set")) return "unsigned";
  const [setting = ""] = /^[A-Z][A-Z\d_]*/.exec(sentence) ?? [];
  if (settingNames.includes(setting)) {
    if (!setting.startsWith("FORWARD_RULES")) return "settings";
    return /(^|[ ;])(\$\w+|a \$NAME) is not set/.test(sentence) ? "secrets" : "rules";
  }
  if (/\bquarantined because of|\bwith quarantined events$/.test(sentence)) return "quarantine";
  const [, name = ""] = /^([a-z\d-]+): /.exec(sentence) ?? [];
  return names.has(name) ? "named" : "other";
}

/** Sentences that no check repeats: those about rules and destinations where their lists could not be seen. */
export function othersAmong(problems: readonly string[], names: ReadonlySet<string>): string[] {
  return problems.filter((one) => topicOf(one, names) === "other");
}

/** The sentence that a destination's oldest waiting event has used half of its time. */
export function expiryProblem(problems: readonly string[], destination: string): string | undefined {
  return problems.find(
    (one) =>
      one.startsWith(`${destination}: its oldest event waits since `) && one.endsWith(" and will be dropped"),
  );
}
