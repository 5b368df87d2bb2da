/** `tim-relay setup`: a first deployment as a conversation. */
import { Option } from "@commander-js/extra-typings";
import { command } from "../command.ts";
import { seconds } from "../options.ts";
import { languages } from "../setup/language.ts";

const help = `
In a terminal it asks for what no option gives; nothing is done before the plan was shown. Without a terminal --app, --to,
--location and --yes are needed. Tokens and secrets are made. CALLBACK_TOKEN, ADMIN_TOKEN and the secrets of rules are
taken from the environment where they are set there: a command line shows them to everybody on the machine. A setup that
was left or has failed goes on where it was, with the same secrets. Settings of tim-relay.jsonc stay.

Example: npx tim-relay setup --dry-run --app 1400000000 --location apac-se \\
           --to https://audit.example.com/tim --name audit`;

export const setup = command(
  "setup",
  "deploys for the first time: asks, shows what it will do, does it, and says what to enter in Tencent's console",
)
  .option("--app <ids>", "the SDKAppID, or several, separated by commas")
  .option("--to <url>", "the first destination: https://…, listener:, or none")
  .option("--name <name>", "the name of that destination (backend)")
  .option("--location <hint>", "where storage is created: apac-ne, apac-se, weur, wnam …, or none")
  .option("--path <path>", "the path of the callback URL (an unguessable one is made)")
  .option("--domain <host>", "a host under a zone of yours at Cloudflare (an address of workers.dev)")
  .option("--env <name>", "an environment, a Worker of its own (production)")
  .option("--account <id>", "the account at Cloudflare, where the login has several (CLOUDFLARE_ACCOUNT_ID)")
  .addOption(new Option("--lang <language>", "en, or zh for 简体中文 (LANG)").choices(languages))
  .option("--dry-run", "shows the plan and does nothing; takes no login")
  .option("--yes", "does it without a question")
  .option("--again", "forgets the answers of a setup that was left")
  .option("--replace", "gives new secrets to a Worker that is there already")
  .option("--timeout <seconds>", "how long the new gateway is waited for", seconds, 180)
  .option("--json", "prints the result as JSON, secrets included, and asks nothing")
  .addHelpText("after", help)
  .action(async (options) => {
    // Imported on demand: the other commands begin sooner.
    const { runSetup } = await import("../setup/run.ts");
    process.exitCode = await runSetup(options);
  });
