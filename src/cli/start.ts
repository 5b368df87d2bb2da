/** The work of `npm start`: the gateway in wrangler's development server, a receiver to see it work, and first steps. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { printable } from "../callback/text.ts";
import { readConfig } from "../config.ts";
import { localRun } from "../settings.ts";
import { declaredBindings } from "./declared-bindings.ts";
import { Development } from "./development.ts";
import { isErrno } from "./errno.ts";
import { firstSteps } from "./first-steps.ts";
import { usualUrl } from "./gateway.ts";
import { LocalReceiver } from "./local-receiver.ts";
import { localSample } from "./local-sample.ts";
import { shownLine } from "./log-line.ts";
import { locatedHere } from "./places.ts";
import { freePort, readPort } from "./port.ts";
import { isInForeground } from "./processes.ts";
import { onStop } from "./program.ts";
import { behaviourOf, behaviours } from "./receiver-behaviour.ts";
import { root } from "./root.ts";
import {
  type LocalSettings,
  readDevVars,
  readLocalSettings,
  type Settings,
  settingsPaths,
  tellOrigins,
  workerSettings,
} from "./settings.ts";
import { mistakesIn, SettingsWatch } from "./settings-watch.ts";
import { readWranglerConfig } from "./wrangler-config.ts";

const devVars = join(root, ".dev.vars");

/** As the development server binds them. */
const bindings = declaredBindings(readWranglerConfig(join(root, "wrangler.toml")), null);

const configOf = (settings: Settings) => readConfig({ ...bindings, ...settings });

const print = (line: string) => console.log(line);

/** Runs the gateway until it is stopped, and resolves with the exit code. */
export async function start(): Promise<number> {
  const { stopping, code } = onStop();
  print("starting the gateway …");
  makeDevVars();
  const changes = new SettingsWatch(settingsPaths(root));
  const local = readLocalSettings(root);
  for (const line of tellOrigins(local)) print(line);
  const settings = startSettings(local);
  const config = configOf(settings);
  for (const problem of locatedHere(config.problems, local)) print(`warning: ${printable(problem)}`);
  await Development.endLeftover();
  const port = await freePort("localhost", readPort(process.env.PORT || settings.PORT || "8787"));

  const receiver = new LocalReceiver(print);
  await receiver.follow(config);
  const show = local.values.LOG_FORMAT ? printable : shownLine;
  const gateway = new Development({ port, settings, log: (line) => print(show(line)) });
  const stop = () => {
    print("stopping the gateway …");
    gateway.stop();
  };
  if (stopping.aborted) stop();
  else stopping.addEventListener("abort", stop);

  const url = `http://localhost:${port}`;
  answering(url).then(() => {
    const typed = isInForeground();
    // Another terminal has the settings of the file, and not this one's environment.
    const usual = usualUrl(readDevVars(devVars) ?? {}).url;
    print(firstSteps({ url, usual, settings, receiver: receiver.served, typed }));
    if (typed) createInterface(process.stdin).on("line", (word) => steer(receiver, word));
    changes.follow(() => takeSettings(gateway, receiver));
  });
  const end = await gateway.ended;
  if (stopping.aborted) return code();
  throw new Error(`the development server ended by itself (${end}), hence so does the gateway`);
}

function makeDevVars(): void {
  try {
    const example = readFileSync(join(root, ".dev.vars.example"), "utf8");
    writeFileSync(devVars, localSample(example), { flag: "wx" });
    print("made .dev.vars from .dev.vars.example: settings of local runs go there");
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
}

/** The Worker's settings. Unless they say otherwise every event is logged, as JSON, of which sentences are made here. */
function startSettings(local: LocalSettings): Settings {
  return { LOG_FORMAT: "json", LOG_SAMPLE: "1", ...workerSettings(local), [localRun]: "true" };
}

/** Gives gateway and receiver the settings as they are now; with a mistake in them, both keep the old ones. */
async function takeSettings(gateway: Development, receiver: LocalReceiver): Promise<void> {
  const read = changedSettings();
  if ("mistakes" in read) {
    for (const mistake of read.mistakes) print(`✘ ${printable(mistake)}`);
    print("the settings changed, and the gateway keeps the settings that it has: mend them and save again");
    return;
  }
  const { local, settings } = read;
  const config = configOf(settings);
  await Promise.all([gateway.reload(settings), receiver.follow(config)]);
  for (const problem of locatedHere(config.problems, local)) print(`warning: ${printable(problem)}`);
  const where = receiver.served ? `, and the receiver is on ${receiver.served.url}` : "";
  for (const line of tellOrigins(local)) print(line);
  print(`✔ the settings changed: the gateway uses the new settings${where}`);
}

/** The settings of the files as they are now, or the mistakes in them. */
function changedSettings(): { local: LocalSettings; settings: Settings } | { mistakes: readonly string[] } {
  try {
    const local = readLocalSettings(root);
    const settings = startSettings(local);
    const mistakes = locatedHere(mistakesIn(settings, bindings), local);
    return mistakes.length > 0 ? { mistakes } : { local, settings };
  } catch (error) {
    return { mistakes: [error instanceof Error ? error.message : String(error)] };
  }
}

/** A word typed in the terminal changes how the receiver answers. */
function steer(receiver: LocalReceiver, word: string): void {
  const behaviour = behaviourOf(word);
  if (behaviour !== null) receiver.behave(behaviour);
  else if (word.trim() !== "") print(`type one of ${Object.keys(behaviours).join(", ")}`);
}

/** Resolves when the URL answers, with any status. */
async function answering(url: string): Promise<void> {
  for (;;) {
    try {
      await (await fetch(`${url}/health`)).text();
      return;
    } catch {
      await sleep(100);
    }
  }
}
