/** All checks, in the order in which their faults would be mended. */
import type { Check } from "./check.ts";
import { callbackChecks } from "./checks/callbacks.ts";
import { destinationChecks } from "./checks/destinations.ts";
import { gatewayChecks } from "./checks/gateway.ts";
import { payloadChecks } from "./checks/payloads.ts";
import { ruleChecks } from "./checks/rules.ts";

const all = [...gatewayChecks, ...callbackChecks, ...ruleChecks, ...destinationChecks, ...payloadChecks];

export const checks: readonly Check<never>[] = all;

export type CheckName = (typeof all)[number]["name"];
