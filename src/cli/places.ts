/** Sentences about settings, with their place in a file before them: `tim-relay.jsonc:4: rules[1].retry: …`. */
import { elementsOf } from "../rule/json-text.ts";
import { ruleVariables } from "../settings.ts";
import { type JsonDocument, placed } from "./json-with-comments.ts";
import type { LocalSettings } from "./settings.ts";
import { userFileName } from "./user-file.ts";

/** A file, and the path in it of each variable or list of rules: `SHARDS` stands at `vars.SHARDS`. */
export interface Places {
  file: JsonDocument;
  paths: ReadonlyMap<string, string>;
}

/** The sentence with file and line, if the variable or list that it begins with is in the file. */
export function located(sentence: string, places: Places | null): string {
  for (const [name, path] of places?.paths ?? [])
    if (sentence.startsWith(name) && /^[[:.]/.test(sentence.slice(name.length)))
      return placed(places!.file, path + sentence.slice(name.length));
  return sentence;
}

/** The problems of a local run's settings. One that comes from `tim-relay.jsonc` is named by its line and path there. */
export function locatedHere(problems: readonly string[], { userFile, origins }: LocalSettings): string[] {
  if (userFile === null) return [...problems];
  const { document, paths, rules, variables } = userFile;
  const isOwn = (name: string) => origins.get(name) === userFileName;
  const own = [...paths].filter(([name]) => isOwn(name));
  const places = { file: document, paths: new Map(rules ? [...own, [rules.name, rules.name]] : own) };
  const inFile = rules && isOwn(ruleVariables[0]!) ? ruleNames(rules.name, variables) : null;
  return problems.map((problem) =>
    located(inFile ? problem.replace(ruleElement, (name) => inFile.get(name) ?? name) : problem, places),
  );
}

const ruleElement = /\bFORWARD_RULES(_\d)?\[\d+\]/g;

/** The rules' names in the file by their names in the variables, over which they were spread: `FORWARD_RULES_2[0]`. */
function ruleNames(list: string, variables: Readonly<Record<string, string>>): Map<string, string> {
  const spread = ruleVariables.flatMap((variable) =>
    elementsOf(variables[variable] ?? "[]").map((_, index) => `${variable}[${index}]`),
  );
  return new Map(spread.map((name, index) => [name, `${list}[${index}]`]));
}
