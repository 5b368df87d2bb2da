/** Tools about the gateway as a whole, its rules, and their decisions. */
import { counted } from "../../counted.ts";
import { shadowDiff } from "../../verdicts/named-rule.ts";
import { limit, maybe, since, smaller, text, until, usualLimit } from "../inputs.ts";
import { reads } from "../tool.ts";

const health = reads({
  name: "health",
  title: "Health",
  does: "Tells whether all is well with the gateway, and each problem in a sentence. Ask it first.",
  input: {},
  async answer(_, relay) {
    const { status, version, problems } = await relay.get("/health");
    const caller = await relay.get("/api/me").catch(() => null);
    const opens = caller
      ? `The token is for ${caller.token}, and sees ${caller.sees}`
      : "No token opens its API";
    return {
      says: `The gateway (${version}) is ${status}, with ${counted(problems.length, "problem")}. ${opens}.`,
      data: problems,
    };
  },
});

const rules = reads({
  name: "rules",
  title: "Rules",
  does: "Lists the rules in their order: state, mistakes, what each does in words, how often it fitted, how its verdicts came about, and how long they took.",
  input: {},
  async answer(_, relay) {
    const all = await relay.get("/api/rules");
    const wrong = all.filter(({ state }) => state === "wrong").length;
    return { says: `${counted(all.length, "rule")}, ${wrong} wrong.`, data: all };
  },
});

const compareVerdicts = reads({
  name: "compare_verdicts",
  title: "Compare a shadow rule's verdicts",
  does: "Counts how often a shadow rule agreed with the verdicts that Tencent was told, and lists the events on which it did not. For verdicts themselves use `find_events` with `verdict`.",
  input: {
    rule: text("The name of a rule with `shadow`."),
    since: maybe(since),
    until: maybe(until),
    limit,
  },
  async answer({ limit = usualLimit, ...query }, relay) {
    const found = await shadowDiff(relay, { limit, ...query });
    const { agreed, differed, unanswered, differences, missing } = found;
    const counts = `${agreed} agreed, ${differed} differed, ${unanswered} without an answer.`;
    return {
      says: `${counts} ${counted(differences.length, "difference")} follow.`,
      missing,
      data: differences,
      narrower: smaller,
    };
  },
});

const drift = reads({
  name: "drift",
  title: "Drift",
  does: "Lists how callbacks differ from what Tencent documents, by command and path: unknown fields and commands, unexpected values, other types. The most frequent first.",
  input: { command: maybe(text("Only of this CallbackCommand.")) },
  async answer({ command }, relay) {
    const { drift: all, missing } = await relay.get("/api/drift");
    const drift = all.filter((one) => command === undefined || one.command === command);
    return {
      says: `${counted(drift.length, "difference")}.`,
      missing,
      data: drift,
      narrower: () => "ask for one command",
    };
  },
});

export const gatewayTools = { reading: [health, rules, compareVerdicts, drift] };
