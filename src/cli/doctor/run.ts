/** One run of `tim-relay doctor`: looks, judges, prints. */
import { readConfig } from "../../config.ts";
import { localRun } from "../../settings.ts";
import { accessOf, clientOf, type GatewayOptions } from "../gateway.ts";
import { hinting } from "../hint.ts";
import { sayJson } from "../screen.ts";
import { readLocalSettings } from "../settings.ts";
import { judge } from "./check.ts";
import { checks } from "./checks.ts";
import { examine } from "./examine.ts";
import { resultsJson, sayResults, stateOf } from "./report.ts";

/** A rule waits for an answer for 60 s at most. Seconds. */
const longestTest = 65;

/** @returns the exit code */
export async function runDoctor(options: GatewayOptions, mayTest: boolean): Promise<number> {
  const { values, userFile } = readLocalSettings();
  const { url, token, local } = accessOf(options, values);
  // The secrets of .dev.vars are this machine's. The user's file is about the gateway that is deployed, too.
  const settings = local ? values : { ...userFile?.variables, ...process.env };
  const client = clientOf({ url, token }, options.timeout);
  const seen = await examine({
    client,
    tester: clientOf({ url, token }, Math.max(options.timeout, longestTest)),
    url,
    hasToken: token !== null,
    ...callbacksOf(url, settings),
    mayTest,
  });
  const now = Date.now();
  const results = checks.map((one) => judge({ ...one, mend: hinting(client, one.mend) }, seen, now));
  if (options.json) sayJson(resultsJson(url, results));
  else sayResults(results);
  return stateOf(results) === "problem" ? 1 : 0;
}

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
