/** Checks of rules: which are wrong, without effect, or decide badly. */

import { counted } from "../../counted.ts";
import { check, type Fault, problem, warning } from "../check.ts";
import type { Schemas } from "../parts.ts";
import { topicOf } from "../topics.ts";

/** Slower verdicts leave little time for the way to Tencent and back, or hardly any. Milliseconds. */
const slowMs = 1_000;
const tooSlowMs = 1_450;

/** At the latest the gateway answers by itself. A quantile above that is a rough one. Milliseconds. */
const atMostMs = 1_600;

/** Shares of verdicts that are not the backend's own. */
const someShare = 0.01;
const largeShare = 0.1;

/** Fewer verdicts say nothing of a share. */
const fewVerdicts = 20;

/** How a verdict comes about where a backend does not give it. */
const otherwise = ["timeout", "unreachable", "status", "invalid", "breaker"];

const wrong = check({
  name: "rules",
  looksAt: "rules that are wrong",
  means:
    "A wrong rule does nothing. The events of one that forwards wait until it is mended, and are dropped at the end of their time.",
  mend: "Correct what the sentence names, in `tim-relay.jsonc` or where your rules are. `npm run rules -- check` checks rules before they are deployed.",
  needs: ["health"],
  well: () => "none is wrong",
  faults: ({ health }) => health.problems.filter((one) => topicOf(one) === "rules").map(problem),
});

const secrets = check({
  name: "secrets",
  looksAt: "secrets that rules name and that are not set",
  means: "Such a rule is wrong: its events wait.",
  mend: "Set the secret: here in `.dev.vars`, deployed by `npx wrangler secret put NAME`.",
  needs: ["health"],
  well: () => "all are set",
  faults: ({ health }) => health.problems.filter((one) => topicOf(one) === "secrets").map(problem),
});

const idle = check({
  name: "idle rules",
  looksAt: "rules that are switched off, and paused ones that decide",
  means: "Events pass by a rule that is off. A paused rule decides nothing: the action goes on.",
  mend: 'Set `"enabled": true`, or resume the rule: `npx tim-relay resume NAME`.',
  needs: ["rules"],
  well: ({ rules }) => `${counted(rules.length, "rule")}, none of them off`,
  faults: ({ rules }) =>
    rules.flatMap(({ name, kind, state }) => {
      if (state === "off") return [warning(`${name} is off`)];
      return state === "paused" && kind !== "forward" ? [warning(`${name} is paused`)] : [];
    }),
});

const commands = check({
  name: "commands",
  looksAt: "rules on commands that are not known",
  means: "No callback may ever fit such an entry of `on`.",
  mend: "Correct the name: `npm run send -- --list` has all. A command that is newer than this release is right as it is, and no longer named once it has come.",
  needs: ["rules"],
  well: () => "all are known",
  // A rule that has fitted an event names a command of a newer release.
  faults: ({ rules }) =>
    sentencesOf(rules.filter(({ fitted }) => fitted === 0))
      .filter(isOfCommand)
      .map(warning),
});

const deciding = check({
  name: "verdicts",
  looksAt: "ask and answer rules whose answers do not count, and backends that do not answer",
  means: "Tencent is told `otherwise`, or the default, instead of the rule's verdict.",
  mend: "Mend the backend or the answer; docs/commands.md has the answers that each command allows.",
  needs: ["rules"],
  well: () => "all count",
  faults: ({ rules }) => sentencesOf(rules).filter(isOfVerdict).map(problem),
});

const latency = check({
  name: "verdict time",
  looksAt: "how long rules take to decide, against the 2 s for which Tencent waits",
  means: "A late verdict does not count: the action goes on, or is blocked, as Tencent's console says.",
  mend: "Make the backend faster, or lower `deadlineMs`, so that `otherwise` is answered in time.",
  needs: ["rules"],
  well: () => "far below 2 s",
  faults: ({ rules }) =>
    rules.flatMap(({ name, kind, latency: { p99 } }) => {
      if (kind !== "ask" || p99 === null || p99 < slowMs) return [];
      const says = `${name}: one of a hundred verdicts takes about ${Math.min(p99, atMostMs)} of Tencent's 2000 ms`;
      return [p99 < tooSlowMs ? warning(says) : problem(says)];
    }),
});

const substitutes = check({
  name: "otherwise",
  looksAt: "the share of verdicts that were `otherwise`, because the backend gave none",
  means: "So many actions were not judged by the backend.",
  mend: "`npx tim-relay events --verdict timeout` and the like list them; mend the backend, or raise `deadlineMs`.",
  needs: ["rules"],
  well: () => "hardly any",
  faults: ({ rules }) => rules.flatMap(substitutedBy),
});

export const ruleChecks = [wrong, secrets, idle, commands, deciding, latency, substitutes];

function substitutedBy({ name, verdicts }: Schemas["Rule"]): Fault[] {
  const all = Object.values(verdicts).reduce((sum, times) => sum + times, 0);
  const byCause = otherwise.flatMap((how) => (verdicts[how] ? [`${how} ${verdicts[how]}`] : []));
  const substituted = otherwise.reduce((sum, how) => sum + (verdicts[how] ?? 0), 0);
  const share = substituted / all;
  if (all < fewVerdicts || share < someShare) return [];
  const says = `${name}: ${substituted} of ${all} verdicts (${byCause.join(", ")})`;
  return [share < largeShare ? warning(says) : problem(says)];
}

/** Sentences about rules that are right; those about their place in the settings are repeated by another check. */
function sentencesOf(rules: readonly Schemas["Rule"][]): string[] {
  return rules.flatMap(({ name, problems }) => problems.filter((one) => one.startsWith(`${name}: `)));
}

function isOfCommand(sentence: string): boolean {
  return sentence.endsWith(" fits no command that is known");
}

function isOfVerdict(sentence: string): boolean {
  return !isOfCommand(sentence) && !/: is paused,/.test(sentence);
}
