/** The settings of a deploy: `wrangler.toml`, `tim-relay.jsonc` over it, and `--var` of the command line over both. */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { nearestOf } from "../rule/nearest.ts";
import { ruleVariables } from "../settings.ts";
import type { RuleSet } from "./check-rules.ts";
import { declaredBindings } from "./declared-bindings.ts";
import type { Settings } from "./settings.ts";
import {
  partFor,
  readUserFile,
  secretsNamedIn,
  type UserPart,
  userFileName,
  variableProblem,
} from "./user-file.ts";
import { readWranglerConfig, type WranglerConfig } from "./wrangler-config.ts";

export interface Deployment {
  /** The names of the files that were read. */
  files: readonly string[];
  /** Every variable with its place: `tim-relay.jsonc`, `wrangler.toml` or `--var`. */
  variables: ReadonlyMap<string, Variable>;
  /** Mistakes in the names of variables, a sentence each. */
  mistakes: readonly string[];
  rules: RuleSet;
  /** The secrets that wrangler's configuration requires. */
  required: readonly string[];
  /** The configuration for wrangler, with all variables. */
  config: WranglerConfig;
}

export interface Variable {
  value: unknown;
  place: string;
}

interface Options {
  /** The name that `--env` gives; null: none. */
  environment?: string | null;
  /** The variables of `--var`. */
  given?: Settings;
}

/**
 * @param configPath of wrangler's configuration, which may be missing; `tim-relay.jsonc` is beside it
 * @throws Error with a sentence for each mistake of a file, or if no file has this environment
 */
export function readDeployment(
  configPath: string,
  { environment = null, given = {} }: Options = {},
): Deployment {
  const hasConfig = existsSync(configPath);
  const config: WranglerConfig = hasConfig ? readWranglerConfig(configPath) : {};
  const userFile = readUserFile(join(dirname(configPath), userFileName));
  const environments = [...Object.keys(config.env ?? {}), ...(userFile?.environments.keys() ?? [])];
  if (environment !== null && !environments.includes(environment))
    throw noEnvironment(environment, environments);

  const configName = basename(configPath);
  const ownConfig = environment === null ? config : (config.env?.[environment] ?? {});
  const part = userFile && partFor(userFile, environment);
  const layers: [string, Readonly<Record<string, unknown>>][] = [
    [configName, ownConfig.vars ?? {}],
    [userFileName, part?.variables ?? {}],
    ["--var", given],
  ];
  const variables = new Map<string, Variable>();
  for (const [place, values] of layers)
    for (const [name, value] of Object.entries(values)) variables.set(name, { value, place });

  const values = Object.fromEntries([...variables].map(([name, { value }]) => [name, value]));
  const rulePlaces = placesOf(ruleVariables.flatMap((name) => variables.get(name) ?? []));
  const places = rulePlaces.length > 0 ? rulePlaces : placesOf([...variables.values()]);
  const domains = part?.domains ?? [];
  const ofUser = rulePlaces.join() === userFileName ? part?.rules : null;
  return {
    files: [...(hasConfig ? [configName] : []), ...(userFile ? [userFileName] : [])],
    variables,
    mistakes: nameProblems(variables),
    rules: {
      from: places.join(", "),
      sources: ofUser ? [ofUser] : ruleVariables.map((name) => ({ name, value: values[name] })),
      variables: values,
      secrets: {},
      bindings: hasConfig ? declaredBindings(config, environment) : null,
      document: userFile && part && { file: userFile.document, paths: pathsIn(part, variables) },
    },
    required: (ownConfig.secrets ?? config.secrets)?.required ?? [],
    config:
      environment === null
        ? { ...config, vars: values, ...routesOf(config, domains) }
        : withEnvironment(config, environment, values, domains),
  };
}

/** The configuration that requires these secrets: wrangler names the ones that are not set, and deploys nothing. */
export function requiring(
  config: WranglerConfig,
  environment: string | null,
  required: readonly string[],
): WranglerConfig {
  const secrets = { required };
  if (environment === null) return { ...config, secrets };
  return { ...config, env: { ...config.env, [environment]: { ...config.env?.[environment], secrets } } };
}

/** An environment of `tim-relay.jsonc` needs no part in `wrangler.toml`. It never takes over the routes of the others. */
function withEnvironment(
  config: WranglerConfig,
  environment: string,
  vars: Readonly<Record<string, unknown>>,
  domains: readonly string[],
): WranglerConfig {
  // Wrangler hands neither down to an environment.
  const { durable_objects, define } = config;
  const own = config.env?.[environment];
  const { route, routes, ...withoutRoutes } = config;
  return {
    ...(own ? config : withoutRoutes),
    env: {
      ...config.env,
      [environment]: { durable_objects, define, ...own, vars, ...routesOf(own, domains) },
    },
  };
}

/** The routes of the configuration, and the hosts of `tim-relay.jsonc`. Cloudflare makes their DNS records and certificates. */
function routesOf(config: WranglerConfig | undefined, domains: readonly string[]): { routes?: unknown[] } {
  if (domains.length === 0) return {};
  const own = Array.isArray(config?.routes) ? config.routes : [];
  return { routes: [...own, ...domains.map((pattern) => ({ pattern, custom_domain: true }))] };
}

/** The paths of rules and variables in `tim-relay.jsonc`. A path is left out where another place replaces it. */
function pathsIn({ paths, rules }: UserPart, variables: ReadonlyMap<string, Variable>): Map<string, string> {
  const own = [...paths].filter(([name]) => variables.get(name)?.place === userFileName);
  return new Map(rules ? [...own, [rules.name, rules.name]] : own);
}

/** Mistakes in names. The reader of `tim-relay.jsonc` has refused its own already. */
function nameProblems(variables: ReadonlyMap<string, Variable>): string[] {
  const rules = ruleVariables.map((name) => variables.get(name)?.value ?? "");
  const secrets = new Set(
    secretsNamedIn(rules.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join("\n")),
  );
  return [...variables].flatMap(([name, { place }]) => {
    const isList = name === "REDACT" || ruleVariables.includes(name);
    const problem = place === userFileName || isList ? null : variableProblem(name, secrets);
    return problem === null ? [] : [`${place}: ${name} ${problem}`];
  });
}

function placesOf(variables: readonly Variable[]): string[] {
  return [...new Set(variables.map(({ place }) => place))];
}

function noEnvironment(name: string, known: readonly string[]): Error {
  const nearest = nearestOf(name, known);
  return new Error(
    `there is no environment ${name}: ${nearest === null ? `${userFileName} has no environments, and wrangler.toml no env` : `did you mean ${nearest}?`}`,
  );
}
