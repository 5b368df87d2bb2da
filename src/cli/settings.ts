/** Settings of a local run: the environment, then `.dev.vars` in the working directory. */
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { ruleVariables, settingNames } from "../settings.ts";
import { isErrno } from "./errno.ts";

export type Settings = Readonly<Record<string, string>>;

/** Of the working directory. */
export const devVarsFile = ".dev.vars";

/** The variables defined in a file such as `.dev.vars`; none if there is no such file. */
export function readDevVars(path = devVarsFile): Settings {
  try {
    return parseEnv(readFileSync(path, "utf8")) as Settings;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return {};
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

/** All variables. A variable of the environment, even an empty one, takes precedence over the file. */
export function readSettings(devVars = readDevVars(), environment = process.env): Settings {
  return { ...devVars, ...(environment as Settings) };
}

/** The variables for the Worker: its settings, every `$NAME` that its rules mention, and all of `.dev.vars`. */
export function workerSettings(settings: Settings, devVars: Settings): Settings {
  const ruleTexts = Object.keys(settings).filter((name) => ruleVariables.includes(name));
  const mentioned = ruleTexts.flatMap((name) =>
    [...(settings[name] ?? "").matchAll(/\$([A-Za-z_]\w*)/g)].map((match) => match[1] ?? ""),
  );
  const names = new Set([...settingNames, ...mentioned, ...Object.keys(devVars)]);
  return Object.fromEntries([...names].flatMap((name) => (settings[name] ? [[name, settings[name]]] : [])));
}
