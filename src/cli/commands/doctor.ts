/**
 * `tim-relay doctor`: checks a gateway from outside, and says what to mend. Destinations get a test event unless that is
 * left out: whether each can be reached is the first question, and only a post answers it. It is marked `Relay.Test`,
 * kept nowhere, and an administrator's token is needed.
 */
import { readConfig } from "../../config.ts";
import { localRun } from "../../settings.ts";
import { gatewayCommand } from "../command.ts";
import { diagnose } from "../doctor/diagnose.ts";
import { resultsJson, sayResults, stateOf } from "../doctor/report.ts";
import { accessOf, clientOf } from "../gateway.ts";
import { sayJson } from "../screen.ts";
import { readLocalSettings } from "../settings.ts";

const help = `
Callbacks are probed with CALLBACK_TOKEN, SDK_APP_ID and CALLBACK_PATH of the environment, then of tim-relay.jsonc; those
of .dev.vars are for a gateway on this machine. A probe is kept nowhere. One with a wrong signature counts as refused.
The exit code is 1 if there is a problem, and 0 if there are warnings alone.`;

export const doctor = gatewayCommand("doctor", "checks a gateway from outside, and says what to mend")
  .option("--no-test", "sends destinations no test event (with an ADMIN_TOKEN each gets one Relay.Test)")
  .addHelpText("after", help)
  .action(async (options) => {
    process.once("SIGINT", () => process.exit(130));
    const { values, userFile } = readLocalSettings();
    const { url, token, local } = accessOf(options, values);
    // The secrets of .dev.vars are this machine's. The user's file is about the gateway that is deployed, too.
    const settings = local ? values : { ...userFile?.variables, ...process.env };
    const results = await diagnose({
      client: clientOf({ url, token }, options.timeout),
      url,
      hasToken: token !== null,
      ...callbacksOf(url, settings),
      mayTest: options.test,
    });
    if (options.json) sayJson(resultsJson(url, results));
    else sayResults(results);
    process.exitCode = stateOf(results) === "problem" ? 1 : 0;
  });

/** Where callbacks go and what signs them, as far as that is known here. */
function callbacksOf(url: string, settings: Readonly<Record<string, string | undefined>>) {
  // As in a local run, samples are tokens: the gateway itself may refuse them.
  const { callbackPath, receiving } = readConfig({ ...settings, [localRun]: "true" });
  const target = new URL(url);
  target.pathname = target.pathname.replace(/\/$/, "") + callbackPath;
  return {
    callbacks: { url: target.href, app: receiving.apps[0] ?? null },
    tokens: receiving.tokens,
  };
}
