/**
 * `tim-relay doctor`: checks a gateway from outside, and says what to mend. Destinations get a test event unless that is
 * left out: whether each can be reached is the first question, and only a post answers it. It is marked `Relay.Test`,
 * kept nowhere, and an administrator's token is needed.
 */
import { gatewayCommand } from "../command.ts";

const help = `
Callbacks are probed with CALLBACK_TOKEN, SDK_APP_ID and CALLBACK_PATH of the environment, then of tim-relay.jsonc; those
of .dev.vars are for a gateway on this machine. A probe is kept nowhere. One with a wrong signature counts as refused.
The exit code is 1 if there is a problem, and 0 if there are warnings alone.

Example: npx tim-relay doctor --url https://tim-relay.example.com`;

export const doctor = gatewayCommand("doctor", "checks a gateway from outside, and says what to mend")
  .option("--no-test", "sends destinations no test event (with an ADMIN_TOKEN each gets one Relay.Test)")
  .addHelpText("after", help)
  .action(async (options) => {
    // Imported on demand: the other commands begin a tenth of a second sooner.
    const { runDoctor } = await import("../doctor/run.ts");
    process.exitCode = await runDoctor(options, options.test);
  });
