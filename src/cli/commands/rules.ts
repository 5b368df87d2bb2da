/** `tim-relay rules`: checks rules before they are deployed, describes them, and tries them on events. */
import { command, gatewayCommand } from "../command.ts";
import { Misuse } from "../failure.ts";
import { atGateway } from "../gateway.ts";
import { wholeNumber } from "../options.ts";

const files = `
FILE is a JSON array of rules, or a file such as tim-relay.jsonc, .dev.vars or wrangler.toml. Nothing else is read then.
Without it come the rules that a deploy would take, from tim-relay.jsonc and wrangler.toml, and those of local runs,
from the environment, then from .dev.vars, then from tim-relay.jsonc. A line before them says where they stand.
Secrets that are not set here are taken to be right, and named. The exit code is 1 if there is a mistake.`;

const trials = `
The event is JSON: {"command": "Group.CallbackAfterSendMsg", "body": {…}}, or a body with its CallbackCommand.
With --last, the gateway tries the rules on its last events, and compares them with its own; without FILE it tries its own.`;

// The parts that do the work are imported on demand: the other commands begin sooner.

const check = command(
  "check",
  "names every mistake, also of REDACT and other variables, and describes each rule",
)
  .argument("[file]", "where the rules are")
  .option("--json", "prints JSON")
  .addHelpText("after", `${files}\n\nExample: npx tim-relay rules check`)
  .action(async (file, options) => {
    const { check } = await import("../rules/check.ts");
    process.exitCode = check(file, options.json === true);
  });

const test = gatewayCommand(
  "test",
  "says which rules match an event, or the last events of a gateway",
  "admin",
)
  .argument("[file]", "where the rules are")
  .option("--event <file>", "an event: says which field keeps other rules from it")
  .option("--last <count>", "the last so many events that the gateway keeps (5000 at most)", wholeNumber)
  .addHelpText(
    "after",
    `${files}${trials}\n\nExample: npx tim-relay rules test tim-relay.jsonc --last 1000 \\\n           --url https://tim-relay.example.com`,
  )
  .action(async (file, options) => {
    const { event, last, json } = options;
    if ((event === undefined) === (last === undefined)) throw new Misuse("give either --event or --last");
    if (event !== undefined) {
      const { tryOnEvent } = await import("../rules/on-event.ts");
      process.exitCode = tryOnEvent(file, event, json === true);
      return;
    }
    const { tryOnKept } = await import("../rules/on-kept.ts");
    await atGateway(options, (relay) => tryOnKept(relay, file, last!, json === true));
  });

export const ruleCommands = { check, test };

export const rules = command("rules", "checks rules, describes them, tries them on events")
  .addCommand(check)
  .addCommand(test);
