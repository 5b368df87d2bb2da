/** `tim-relay verdicts`: the refusals of each rule, how rules decide, and how another rule would. */
import type { Client } from "../../client/index.js";
import { gatewayCommand } from "../command.ts";
import { Misuse } from "../failure.ts";
import { periodOf } from "../filters.ts";
import { atGateway } from "../gateway.ts";
import { hint } from "../hint.ts";
import { sayMissing } from "../missing.ts";
import { dim, say, sayJson } from "../screen.ts";
import { ruleTrial, shadowDiff } from "../verdicts/named-rule.ts";
import { askedIn, type Period, refusalsIn } from "../verdicts/refusals.ts";
import { mostTried, sayDiff, sayRefusals, sayRules, sayTrial } from "../verdicts/report.ts";
import { trialRule } from "../verdicts/trial-rule.ts";

const help = `
First come the refusals of the period by rule, with the words of the latest refused message, then all rules with their
counts since each has its name. A rule that refuses too much is switched off with \`npx tim-relay pause NAME\`.
--try takes the name of an ask or answer rule, or a file that holds one in JSON: nothing is told to Tencent.

Examples: npx tim-relay verdicts --since 2h
          npx tim-relay verdicts --diff strict
          npx tim-relay verdicts --try ./no-links.json --since 02:00`;

const base = gatewayCommand(
  "verdicts",
  "tells what was refused, by which rule, and how rules decide",
  "mostly admin",
)
  .option("--from, --since <when>", "the period's beginning: 2h, 02:00, yesterday 14:00, a date", "1h")
  .option("--until <when>", "its end (now); a time of day is the first one after --since")
  .option("--diff <rule>", "compares a shadow rule with the verdicts")
  .option("--try <rule>", "tries a rule on kept before-callbacks, 200 at most: its name, or a file")
  .addHelpText("after", help);

export const verdicts = base.action((options) =>
  atGateway(options, async (relay) => {
    const { diff, try: tried, json } = options;
    if (diff !== undefined && tried !== undefined) throw new Misuse("give either --diff or --try");
    const now = Date.now();
    const period = periodOf(options, now);
    if (diff !== undefined) return compared(relay, diff, period, json, now);
    if (tried !== undefined) return trial(relay, tried, period, json, now);
    return listed(relay, period, json, now);
  }),
);

async function listed(relay: Client, period: Period, json: true | undefined, now: number): Promise<number> {
  const rules = await relay.get("/api/rules");
  const refusals = await refusalsIn(period, relay);
  const asked = await askedIn(period, now, relay);
  if (json) {
    sayJson({ ...period, asked, refusals, rules });
    return 0;
  }
  sayRefusals(refusals, period, asked, now);
  say();
  if (rules.length > 0) sayRules(rules);
  else console.error("there is no rule");
  sayMissing(rules[0]?.missing);
  const isOn = (name: string | null) => rules.some((rule) => rule.name === name && rule.state === "on");
  const most = refusals.parts.find(({ rule }) => isOn(rule));
  if (most?.rule) {
    const all = hint(relay, "events --verdict refuse");
    const pause = hint(relay, `pause ${most.rule}`);
    say();
    say(dim(`all of them: ${all}; to switch a rule off: ${pause}`));
  }
  return 0;
}

async function compared(
  relay: Client,
  rule: string,
  period: Period,
  json: true | undefined,
  now: number,
): Promise<number> {
  const diff = await shadowDiff(relay, { rule, ...period, limit: 20 });
  if (json) sayJson(diff);
  else sayDiff(diff, period, now);
  sayMissing(diff.missing);
  return 0;
}

async function trial(
  relay: Client,
  given: string,
  period: Period,
  json: true | undefined,
  now: number,
): Promise<number> {
  const rule = trialRule(given);
  const outcome = await ruleTrial(relay, { rule, ...period, limit: mostTried });
  if (json) sayJson(outcome);
  else sayTrial(outcome, period, now);
  sayMissing(outcome.missing);
  return 0;
}
