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
import { readLocalSettings, type Settings } from "../settings.ts";

const help = `
Callbacks are probed with CALLBACK_TOKEN, SDK_APP_ID and CALLBACK_PATH of the environment; of a gateway on this machine
also with those of .dev.vars. A probe is kept nowhere. One with a wrong signature counts as a refused callback.
The exit code is 1 if there is a problem, and 0 if there are warnings alone.`;

export const doctor = gatewayCommand("doctor", "checks a gateway from outside, and says what to mend")
  .option("--no-test", "sends destinations no test event (with an ADMIN_TOKEN each gets one Relay.Test)")
  .addHelpText("after", help)
  .action(async (options) => {
    process.once("SIGINT", () => process.exit(130));
    const settings = readLocalSettings().values;
    const { url, token, local } = accessOf(options, settings);
    // The callback token of the gateway on this machine is not that of another one.
    const results = await diagnose({
      client: clientOf({ url, token }, options.timeout),
      url,
      hasToken: token !== null,
      ...callbacksOf(url, local ? settings : process.env),
      mayTest: options.test,
    });
    if (options.json) sayJson(resultsJson(url, results));
    else sayResults(results);
    process.exitCode = stateOf(results) === "problem" ? 1 : 0;
  });

/** Where callbacks go and what signs them, as far as that is known here. */
function callbacksOf(url: string, settings: Settings | NodeJS.ProcessEnv) {
  // As in a local run, samples are tokens: the gateway itself may refuse them.
  const { callbackPath, receiving } = readConfig({ ...settings, [localRun]: "true" });
  const target = new URL(url);
  target.pathname = target.pathname.replace(/\/$/, "") + callbackPath;
  return {
    callbacks: { url: target.href, app: receiving.apps[0] ?? null },
    tokens: receiving.tokens,
  };
}
