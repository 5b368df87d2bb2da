/** All checks, in the order in which one would mend what they find. */
import type { Check } from "./check.ts";
import { callbackChecks } from "./checks/callbacks.ts";
import { destinationChecks } from "./checks/destinations.ts";
import { gatewayChecks } from "./checks/gateway.ts";
import { payloadChecks } from "./checks/payloads.ts";
import { ruleChecks } from "./checks/rules.ts";

export const checks: readonly Check<never>[] = [
  ...gatewayChecks,
  ...callbackChecks,
  ...ruleChecks,
  ...destinationChecks,
  ...payloadChecks,
];
