/** Settings of a local run: the environment, then `.dev.vars`, then `tim-relay.jsonc`. Each says where it comes from. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { ruleVariables, settingNames } from "../settings.ts";
import { isErrno } from "./errno.ts";
import { localSample } from "./local-sample.ts";
import { readUserFile, secretsNamedIn, type UserFile, userFileName } from "./user-file.ts";

export type Settings = Readonly<Record<string, string>>;

export interface LocalSettings {
  /** Every variable of this machine, as text; of the whole environment, too. */
  values: Settings;
  /** The place of each variable: `the environment`, `.dev.vars` or `tim-relay.jsonc`. */
  origins: ReadonlyMap<string, string>;
  /** The names of the files that were read. */
  files: readonly string[];
  /** `tim-relay.jsonc`; null: there is none. */
  userFile: UserFile | null;
  /** The place whose rules keep the rules of `tim-relay.jsonc` out; null: there is none, or there are no such rules. */
  rulesHiddenBy: string | null;
}

export const devVarsName = ".dev.vars";
export const environmentName = "the environment";

/** The files of settings in a folder; each may be missing. */
export const settingsPaths = (folder = ".") => [devVarsName, userFileName].map((name) => join(folder, name));

/**
 * Reads all settings anew. A variable of a higher place, even an empty one, takes precedence. Rules are not mixed: those
 * of `tim-relay.jsonc` apply if no higher place sets any.
 * @param folder in which the files are
 * @throws Error with a sentence for each mistake of a file
 */
export function readLocalSettings(folder = ".", environment = process.env): LocalSettings {
  const devVars = readDevVars(join(folder, devVarsName), (text) => wholeVariables(devVarsName, text));
  const userFile = readUserFile(join(folder, userFileName));
  const higher: [string, Settings][] = [
    [environmentName, environment as Settings],
    [devVarsName, devVars ?? {}],
  ];
  const hiding = higher.find(([, values]) => ruleVariables.some((name) => name in values));
  const hidden = hiding !== undefined && userFile !== null && userFile.rules !== null;

  const values: Record<string, string> = {};
  const origins = new Map<string, string>();
  for (const [place, given] of [...higher, [userFileName, userFile?.variables ?? {}] as const])
    for (const [name, value] of Object.entries(given)) {
      if (origins.has(name) || (hidden && place === userFileName && ruleVariables.includes(name))) continue;
      origins.set(name, place);
      values[name] = value;
    }
  return {
    values,
    origins,
    files: [...(devVars ? [devVarsName] : []), ...(userFile ? [userFileName] : [])],
    userFile,
    rulesHiddenBy: hidden ? hiding[0] : null,
  };
}

/**
 * The variables that say how to reach a gateway: addresses and tokens. `tim-relay.jsonc` has none of them, and a mistake
 * in it keeps no command from its gateway.
 */
export function readSettings(environment = process.env): Settings {
  return { ...readDevVars(devVarsName), ...(environment as Settings) };
}

/** The variables defined in a file such as `.dev.vars`, a copy of the sample too; null if there is no such file. */
export function readDevVars(
  path: string,
  read: (text: string) => Settings = parseVariables,
): Settings | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return null;
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  return read(localSample(text));
}

const parseVariables = (text: string) => parseEnv(text) as Settings;

/**
 * The variables of a text such as `.dev.vars`.
 * @param file its name, for a sentence
 * @throws Error if a # has cut a list or an object short: ids of groups hold one
 */
export function wholeVariables(file: string, text: string): Settings {
  const values = parseVariables(text);
  for (const { 1: name = "", index } of text.matchAll(
    /^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*[[{].*#/gm,
  )) {
    if (isJson(values[name] ?? "")) continue;
    const line = text.slice(0, index).split("\n").length;
    throw new Error(`${file}:${line}: ${name}: a # begins a comment here: write the value in quotes, '[…]'`);
  }
  return values;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The variables for the Worker: its settings, every `$NAME` that its rules mention, and all of the files. */
export function workerSettings({ values, origins }: LocalSettings): Settings {
  const mentioned = ruleVariables.flatMap((name) => secretsNamedIn(values[name] ?? ""));
  const inFiles = [...origins.keys()].filter((name) => origins.get(name) !== environmentName);
  const names = new Set([...settingNames, ...mentioned, ...inFiles]);
  return Object.fromEntries([...names].flatMap((name) => (values[name] ? [[name, values[name]]] : [])));
}

/** Sentences for people: which files were read, what the environment sets, and which rules do not apply. */
export function tellOrigins({ origins, files, rulesHiddenBy }: LocalSettings): string[] {
  const ofEnvironment = settingNames.filter((name) => origins.get(name) === environmentName);
  return [
    files.length > 0
      ? `settings: ${files.join(", ")}`
      : `settings: there is no ${devVarsName} and no ${userFileName} here`,
    ...(ofEnvironment.length > 0 ? [`settings of the environment: ${ofEnvironment.join(", ")}`] : []),
    ...(rulesHiddenBy === null
      ? []
      : [`the rules of ${userFileName} do not apply here: ${rulesHiddenBy} has rules of its own`]),
  ];
}
