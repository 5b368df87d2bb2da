/** Finds the rules that `npm run rules` checks: from this machine's settings, or from one file. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { ruleVariables } from "../settings.ts";
import type { RuleSet } from "./check-rules.ts";
import { declaredBindings } from "./declared-bindings.ts";
import { readDeployment } from "./deployment.ts";
import { readJsonDocument, strictText } from "./json-with-comments.ts";
import { devVarsName, environmentName, readLocalSettings, wholeVariables } from "./settings.ts";
import { parseUserFile, partFor, type UserFile, userFileName } from "./user-file.ts";
import { readWranglerConfig, type WranglerConfig } from "./wrangler-config.ts";

type Variables = Readonly<Record<string, unknown>>;

/**
 * The rules that a deploy would take from the files here, each environment apart, and of local runs where these are
 * others. The values of secrets come from this machine's settings. At least one set; it may be without rules.
 */
export function ruleSetsHere(): RuleSet[] {
  const local = readLocalSettings();
  const names = [null, ...(local.userFile?.environments.keys() ?? [])];
  const deployments = names.map((environment) => {
    const { rules } = readDeployment(wranglerConfigName, { environment });
    const deploy = environment === null ? "deploys" : `deploys with --env ${environment}`;
    const use = environment === null && local.rulesHiddenBy === null ? `${deploy} and local runs` : deploy;
    return { ...rules, from: `${rules.from}, for ${use}`, secrets: local.values };
  });
  const deployed = deployments.filter(isNotEmpty);
  const own = listVariables.filter((name) => local.values[name] && local.origins.get(name) !== userFileName);
  const places = [...new Set(own.map((name) => local.origins.get(name)))];
  const sets =
    own.length > 0
      ? [{ ...setOf(local.values), from: `${places.join(", ")}, for local runs` }, ...deployed]
      : deployed;
  if (sets.length > 0) return sets;
  const looked = [environmentName, devVarsName, userFileName, wranglerConfigName].join(", ");
  return [{ ...setOf({}), from: `no rules: looked in ${looked}` }];
}

/**
 * The rules of one file, with its own variables alone. It is a JSON array of rules, or of the kind of `tim-relay.jsonc`,
 * `.dev.vars` or `wrangler.toml`.
 */
export function ruleSetsIn(path: string): RuleSet[] {
  const file = basename(path);
  if (/^wrangler.*\.jsonc?$/.test(file) || file.endsWith(".toml"))
    return [ofWrangler(readWranglerConfig(path), file)];
  const text = readFileSync(path, "utf8");
  // Comments may stand before the first bracket.
  const [, start] = /^(?:\ufeff|\s|\/\/.*|\/\*[\s\S]*?\*\/)*(.)/.exec(text) ?? [];
  if (start === "[") {
    const document = readJsonDocument(file, text);
    return [{ ...setOf({ FORWARD_RULES: strictText(document, document.root) }), from: file }];
  }
  if (start === "{") return setsOfUserFile(parseUserFile(file, text));
  return [{ ...setOf(wholeVariables(file, text)), from: file }];
}

const wranglerConfigName = "wrangler.toml";

const listVariables = [...ruleVariables, "REDACT"];

function setsOfUserFile(file: UserFile): RuleSet[] {
  return [null, ...file.environments.keys()].map((environment) => {
    const { variables, rules, paths } = partFor(file, environment);
    return {
      ...setOf(variables),
      from: environment === null ? file.document.file : `${file.document.file}, environments.${environment}`,
      sources: rules ? [rules] : [],
      document: { file: file.document, paths: rules ? new Map([...paths, [rules.name, rules.name]]) : paths },
    };
  });
}

function ofWrangler(config: WranglerConfig, from: string): RuleSet {
  return { ...setOf(config.vars ?? {}), bindings: declaredBindings(config, null), from };
}

function setOf(variables: Variables): Omit<RuleSet, "from"> {
  return {
    sources: ruleVariables.map((name) => ({ name, value: variables[name] })),
    variables,
    secrets: variables,
    bindings: null,
    document: null,
  };
}

function isNotEmpty({ variables }: RuleSet): boolean {
  return Object.values(variables).some((value) => value !== undefined && value !== "");
}
