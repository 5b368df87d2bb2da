/** Rules whose receiver comes by itself. */
import type { Config } from "../config.ts";
import type { Address } from "../rule/address.ts";
import type { Rule } from "../rule/rule.ts";
import { say } from "../sentence.ts";
import { unknownDestination, wrongRule } from "./recipients.ts";
import { Refusal } from "./reply.ts";

/** Throws a refusal unless there is a rule of that name, with such an address. */
export function mustReceive(name: string, kind: "listener" | "poll", config: Pick<Config, "rules">): void {
  const { rules } = config;
  const rule = rules.rules.find((one) => one.name === name);
  if (rule && addressesOf(rule).some((address) => address.kind === kind)) return;
  if (!rule && rules.listed.some((one) => one.name === name)) throw wrongRule(name);
  if (!rule) throw unknownDestination(404, name, config);
  throw new Refusal(400, "other_address", say`${name} is no rule with the address ${kind as string}:`);
}

function addressesOf(rule: Rule): readonly Address[] {
  if (rule.kind === "answer") return [];
  return rule.kind === "ask" ? rule.asks : [rule.address];
}
