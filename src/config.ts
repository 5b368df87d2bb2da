/**
 * The settings of an environment, read into a `Config` that names all problems together. A problem never repeats a
 * value, which may be secret.
 */
import * as v from "valibot";
import type { ReceivingPolicy } from "./callback/read-callback.ts";
import { bindingIn, bindingProblem } from "./rule/bindings.ts";
import { contains, parseCidr } from "./rule/match/cidr.ts";
import { parseRules, type RuleBook } from "./rule/parse-rules.ts";
import { readRedaction } from "./rule/read-redaction.ts";
import type { RuleContext } from "./rule/readers/reader.ts";
import type { Redaction } from "./rule/redaction.ts";
import { isSample, sampleProblem } from "./rule/sample.ts";
import { minSecretLength, textsIn, withoutSecrets } from "./rule/secret.ts";
import { withoutMasks } from "./rule/shown-rule.ts";
import { type Sentence, say } from "./sentence.ts";
import type { TrustedProxy } from "./setting-kinds.ts";
import { localRun, ruleVariables, type Setting, settings } from "./settings.ts";

export interface Config {
  /** False: nothing is accepted until the settings are mended. */
  configured: boolean;
  receiving: ReceivingPolicy;
  callbackPath: string;
  /** Null: a caller's address is known from the platform only. */
  trustedProxy: TrustedProxy | null;
  /** Each opens the API. */
  adminTokens: readonly string[];
  /** Each may read the API. Without any token of both kinds the API is closed. */
  readTokens: readonly string[];
  readTokenSees: ValueOf<"READ_TOKEN_SEES">;
  shards: number;
  locationHint: ValueOf<"LOCATION_HINT">;
  retentionMs: number;
  privateDestinations: boolean;
  /** Null: nothing is masked. */
  redaction: Redaction | null;
  logLevel: ValueOf<"LOG_LEVEL">;
  /** The share of events whose ordinary lines are logged, 0 to 1. */
  logSample: number;
  logFormat: ValueOf<"LOG_FORMAT">;
  rules: RuleBook;
  /** The values of all secrets in the settings, long ones first. They are masked wherever text is kept or shown. */
  secrets: readonly string[];
  /** Everything that is wrong or unwise, a sentence each. */
  problems: readonly Sentence[];
}

type Environment = Readonly<Record<string, unknown>>;

type Name = keyof typeof settings;

type ValueOf<One extends Name> = (typeof settings)[One] extends Setting<infer Value> ? Value : never;

/** By environment: the runtime passes the same object to all requests of an isolate. */
const configCache = new WeakMap<object, Config>();

/** The configuration of an environment, which is read only once. */
export function readConfig(env: object): Config {
  let config = configCache.get(env);
  if (config === undefined) {
    config = parse(env as Environment);
    configCache.set(env, config);
  }
  return config;
}

/** Rules from a request, read as if they were the environment's; their paths begin with `name`. */
export function readOtherRules(env: object, name: string, value: unknown): RuleBook {
  return parseRules([{ name, value }], ruleContext(env as Environment, readConfig(env)));
}

/** The same for rules that are only held against events: secrets that the API has masked are left out. */
export function readTrialRules(env: object, value: unknown): RuleBook {
  return readOtherRules(env, "rules", withoutMasks(value));
}

function parse(env: Environment): Config {
  const reader = new SettingReader(env);
  const apps = reader.value("SDK_APP_ID");
  if (apps.length === 0 && reader.configured) reader.fail(say`SDK_APP_ID is not set: nothing is accepted`);
  const tokens = readTokens(reader);
  const isPrivateAllowed = reader.value("ALLOW_PRIVATE_DESTINATIONS");
  const hasSamples = reportSamples(env, reader, tokens, isPrivateAllowed);
  const privateDestinations = isPrivateAllowed && !hasSamples;
  const retentionMs = reader.value("RETENTION_HOURS") * 3_600_000;

  const mentioned = new Set<string>();
  const rules = parseRules(
    ruleVariables.map((name) => ({ name, value: env[name] })),
    ruleContext(env, { privateDestinations, retentionMs }, (name) => mentioned.add(name)),
  );
  const secrets = secretsAmong([
    ...Object.values(tokens).flat(),
    ...[...mentioned].flatMap((name) => textsIn(env[name])),
    ...ruleSecrets(rules),
  ]);
  const isTrusted = (token: string) => isLocal(env) || !isSample(token);
  const opens = (token: string) => isBearerToken(token) && isTrusted(token);
  const config: Omit<Config, "configured" | "problems"> = {
    receiving: {
      apps,
      tokens: tokens.CALLBACK_TOKEN.filter(isTrusted),
      allows: allowance(reader.value("ALLOW_FROM"), reader.problems),
      unknownCommands: reader.value("UNKNOWN_COMMANDS"),
      invalidPayloads: reader.value("INVALID_PAYLOADS"),
    },
    callbackPath: reader.value("CALLBACK_PATH"),
    trustedProxy: reader.value("TRUSTED_PROXY"),
    adminTokens: tokens.ADMIN_TOKEN.filter(opens),
    readTokens: tokens.READ_TOKEN.filter(opens),
    readTokenSees: reader.value("READ_TOKEN_SEES"),
    shards: reader.value("SHARDS"),
    locationHint: reader.value("LOCATION_HINT"),
    retentionMs,
    privateDestinations,
    redaction: redactionOf(reader),
    rules: {
      ...rules,
      listed: rules.listed.map((rule) => ({
        ...rule,
        problems: rule.problems.map(withoutSecrets(secrets)),
      })),
    },
    logLevel: reader.value("LOG_LEVEL"),
    logSample: reader.value("LOG_SAMPLE"),
    logFormat: reader.value("LOG_FORMAT"),
    secrets,
  };
  // Reading the last setting may have found the last problem.
  const problems = [...reader.problems, ...rules.problems].map(withoutSecrets(secrets));
  return { ...config, configured: reader.configured, problems };
}

/** The tokens as they are set, by their settings. */
type Tokens = Readonly<Record<"CALLBACK_TOKEN" | "ADMIN_TOKEN" | "READ_TOKEN", readonly string[]>>;

function readTokens(reader: SettingReader): Tokens {
  const CALLBACK_TOKEN = reader.value("CALLBACK_TOKEN");
  if (CALLBACK_TOKEN.length === 0 && reader.configured)
    reader.problems.push(say`CALLBACK_TOKEN is not set: signatures are not checked`);
  const bearers = { ADMIN_TOKEN: reader.value("ADMIN_TOKEN"), READ_TOKEN: reader.value("READ_TOKEN") };
  for (const name of ["ADMIN_TOKEN", "READ_TOKEN"] as const)
    if (!bearers[name].every(isBearerToken))
      reader.wrong(name, say`a token of other characters than A-Z, a-z, 0-9 and . _ ~ - opens nothing`);
  if (bearers.READ_TOKEN.some((token) => bearers.ADMIN_TOKEN.includes(token)))
    reader.wrong("READ_TOKEN", say`a token that is an ADMIN_TOKEN too may do everything`);
  return { CALLBACK_TOKEN, ...bearers };
}

/** Reports samples of `.dev.vars.example`, which local runs alone may use. @returns whether the environment has some */
function reportSamples(
  env: Environment,
  reader: SettingReader,
  tokens: Tokens,
  isPrivateAllowed: boolean,
): boolean {
  if (isLocal(env) || !Object.values(env).some((one) => textsIn(one).some(isSample))) return false;
  for (const [name, given] of Object.entries(tokens) as [keyof Tokens, readonly string[]][])
    if (given.some(isSample)) reader.wrong(name, sampleProblem);
  if (isPrivateAllowed)
    reader.wrong("ALLOW_PRIVATE_DESTINATIONS", say`is not heeded beside samples of .dev.vars.example`);
  return true;
}

/** The surroundings in which rules are read. @param mention hears of each variable that a rule names */
function ruleContext(
  env: Environment,
  { privateDestinations, retentionMs }: Pick<Config, "privateDestinations" | "retentionMs">,
  mention: (name: string) => void = () => {},
): RuleContext {
  return {
    secret(name) {
      mention(name);
      return env[name];
    },
    local: isLocal(env),
    privateNetworks: privateDestinations,
    retentionMs,
    bindingProblem: (name, kind) => bindingProblem(env, name, kind),
    kvNamespace: (name) => bindingIn(env, name, "kv"),
  };
}

/** The secrets that rules hold themselves, wrong rules too. */
function ruleSecrets({ rules, listed }: RuleBook): string[] {
  const used = rules.flatMap((rule) =>
    rule.kind === "answer"
      ? []
      : [...rule.secrets, ...(rule.callbackToken === null ? [] : [rule.callbackToken])],
  );
  return [...used, ...listed.flatMap((rule) => rule.secrets)];
}

/** Reads one setting after the other, and collects their problems. */
class SettingReader {
  readonly problems: Sentence[] = [];
  configured = true;
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** The setting's value, or its default if it is not set or wrong. */
  value<One extends Name>(name: One): ValueOf<One> {
    const { schema, default: fallback } = settings[name] as Setting<ValueOf<One>>;
    const given = this.#env[name];
    if (given === undefined || given === null || given === "") return fallback;
    const result = v.safeParse(schema(), given);
    if (result.success) return result.output;
    this.wrong(name, result.issues[0].message as Sentence);
    return fallback;
  }

  wrong(setting: Name, message: Sentence): void {
    const { failClosed }: { failClosed?: true } = settings[setting];
    const name: string = setting;
    if (failClosed) this.fail(say`${name}: ${message}; nothing is accepted until this is mended`);
    else this.problems.push(say`${name}: ${message}`);
  }

  /** A problem that stops all receiving. */
  fail(problem: Sentence): void {
    this.configured = false;
    this.problems.push(problem);
  }
}

/** With a mistake in it nothing is accepted: a value that should be masked might be kept. */
function redactionOf(reader: SettingReader): Redaction | null {
  const { redaction, mistakes, warnings } = readRedaction(reader.value("REDACT"));
  for (const mistake of mistakes) reader.fail(say`${mistake}; nothing is accepted until this is mended`);
  reader.problems.push(...warnings);
  return redaction;
}

function isLocal(env: Environment): boolean {
  return String(env[localRun]).trim() === "true";
}

/** True if a request can carry it in `Authorization: Bearer`. */
export function isBearerToken(token: string): boolean {
  return /^[\w.~-]+$/.test(token);
}

/** Each once. Of an address also its path and query, which the server at that address may repeat in an answer. */
function secretsAmong(values: readonly string[]): readonly string[] {
  const parts = values.flatMap((value) => {
    const { pathname, search } = /^https?:/i.test(value) && URL.canParse(value) ? new URL(value) : {};
    return pathname === undefined ? [value] : [value, pathname + search];
  });
  return [...new Set(parts)]
    .filter((value) => value.length >= minSecretLength)
    .sort((a, b) => b.length - a.length);
}

/** An entry that cannot be read allows no address; the other entries apply. */
function allowance(entries: string[] | null, problems: Sentence[]): ReceivingPolicy["allows"] {
  if (entries === null) return null;
  const cidrs = entries.map(parseCidr);
  cidrs.forEach((cidr, index) => {
    if (cidr === null) problems.push(say`ALLOW_FROM: entry ${index + 1} is not an address or CIDR`);
  });
  return (address) => address !== null && cidrs.some((cidr) => cidr !== null && contains(cidr, address));
}
