/**
 * Every setting: its name, what it accepts, its default and what it means. The environment goes in, a finished
 * `Config` comes out, with all problems named together. No value is ever repeated in a problem: it may be secret.
 */

import * as v from "valibot";
import type { ReceivingPolicy } from "./callback/read-callback.ts";
import { type Cidr, contains, parseCidr } from "./rule/match/cidr.ts";
import { parseRules, type RuleBook } from "./rule/parse-rules.ts";
import { isSample, sampleProblem } from "./rule/sample.ts";
import { shortestSecret, textsIn } from "./rule/secret.ts";

const text = v.pipe(
  v.union([v.string(), v.number()], "expected a text"),
  v.transform((value) => String(value).trim()),
);

/** Texts separated by commas, or a JSON array of them. */
const texts = v.pipe(
  v.union(
    [v.string(), v.number(), v.array(v.union([v.string(), v.number()]))],
    "expected texts separated by commas",
  ),
  v.transform((value) => [...textsIn(value)]),
);

const number = v.pipe(
  v.union(
    [v.number(), v.pipe(v.string(), v.trim(), v.regex(/^\d+(\.\d+)?$/), v.transform(Number))],
    "expected a number",
  ),
);

const between = (least: number, most: number) =>
  v.pipe(
    number,
    v.check((value) => value >= least && value <= most, `expected a number from ${least} to ${most}`),
  );

const oneOf = <const Options extends readonly string[]>(...options: Options) =>
  v.pipe(text, v.picklist(options, `expected one of ${options.join(", ")}`));

const flag = v.union(
  [
    v.boolean(),
    v.pipe(
      v.string(),
      v.trim(),
      v.picklist(["true", "false"]),
      v.transform((value) => value === "true"),
    ),
  ],
  "expected true or false",
);

/** Where Cloudflare creates objects: https://developers.cloudflare.com/durable-objects/reference/data-location/ */
const locations = [
  "wnam",
  "enam",
  "sam",
  "weur",
  "eeur",
  "apac",
  "apac-ne",
  "apac-se",
  "oc",
  "afr",
  "me",
] as const;

/** Only `npm start` sets it, on its way to the development server. */
export const localRun = "LOCAL_RUN";

const ruleVariables = ["FORWARD_RULES", ...[2, 3, 4, 5, 6, 7, 8, 9].map((n) => `FORWARD_RULES_${n}`)];

/** `guards`: while it is wrong, nothing is accepted; any other wrong setting is named, and its default holds. */
interface Setting<Value> {
  kind: "secret" | "variable";
  schema: v.GenericSchema<unknown, Value>;
  default: NoInfer<Value>;
  failClosed?: true;
  meaning: string;
}

const setting = <Value>(definition: Setting<Value>) => definition;

const settings = {
  SDK_APP_ID: setting({
    kind: "secret",
    schema: v.pipe(
      texts,
      v.check(
        (apps) => apps.length > 0 && apps.every((app) => /^\d{1,20}$/.test(app)),
        "expected SDKAppIDs, numbers separated by commas",
      ),
    ),
    default: [],
    failClosed: true,
    meaning: "Our SDKAppID, or several separated by commas. Required.",
  }),
  CALLBACK_TOKEN: setting({
    kind: "secret",
    schema: v.pipe(texts, v.minLength(1, "holds no token")),
    default: [],
    failClosed: true,
    meaning:
      "The console's authentication token; several separated by commas. Without it signatures are not checked.",
  }),
  ADMIN_TOKEN: setting({
    kind: "secret",
    schema: v.pipe(texts, v.minLength(1, "holds no token")),
    default: [],
    meaning:
      "Bearer token of `/api` and `/metrics`, which are closed without it; several separated by commas. Of A-Z, a-z, 0-9 and `._~-`.",
  }),
  CALLBACK_PATH: setting({
    kind: "variable",
    schema: v.pipe(
      text,
      v.regex(/^\/?[^?#\s]*$/, "expected a path such as /tim, without ? and #"),
      v.transform(pathOf),
      v.check(
        (path) => !/^\/(api|health|metrics|openapi\.json)(\/|$)/.test(path),
        "is a path that tim-relay uses itself",
      ),
    ),
    default: "/",
    failClosed: true,
    meaning: "Path on which callbacks are received; an unguessable one is a further secret.",
  }),
  ALLOW_FROM: setting({
    kind: "variable",
    schema: v.nullable(v.pipe(texts, v.minLength(1, "holds no CIDR"))),
    default: null,
    failClosed: true,
    meaning:
      "CIDRs that may send callbacks, separated by commas, held against the address that Cloudflare reports. Elsewhere nobody gets in, unless by way of `TRUSTED_PROXY`.",
  }),
  TRUSTED_PROXY: setting({
    kind: "variable",
    schema: v.nullable(
      v.pipe(
        text,
        v.transform(proxyIn),
        v.check(
          (proxy) => proxy !== null,
          "expected a proxy's address or CIDR and the header in which it tells the caller's, such as 203.0.113.7 x-real-ip",
        ),
      ),
    ),
    default: null,
    failClosed: true,
    meaning:
      "A reverse proxy in front of this gateway: its address or CIDR, and the header in which it tells a caller's: `203.0.113.7 x-real-ip`. Of a list, the last entry counts.",
  }),
  SHARDS: setting({
    kind: "variable",
    schema: v.pipe(
      number,
      v.check(
        (value) => Number.isInteger(value) && value >= 1 && value <= 256,
        "expected a whole number from 1 to 256",
      ),
    ),
    default: 1,
    meaning: "Number of Durable Objects that share the events; may grow later, never shrink.",
  }),
  LOCATION_HINT: setting({
    kind: "variable",
    schema: v.nullable(oneOf(...locations)),
    default: null,
    meaning: "Where shards are created, for example `apac-se` or `weur`.",
  }),
  RETENTION_HOURS: setting({
    kind: "variable",
    schema: between(0.001, 24 * 366),
    default: 168,
    meaning: "How long events are kept, hours.",
  }),
  UNKNOWN_COMMANDS: setting({
    kind: "variable",
    schema: oneOf("accept", "reject"),
    default: "accept",
    meaning:
      "Commands that tim-relay does not know: `accept` (keep, forward, mark) or `reject` (answer 400).",
  }),
  INVALID_PAYLOADS: setting({
    kind: "variable",
    schema: oneOf("quarantine", "forward", "reject"),
    default: "quarantine",
    meaning:
      "Payloads that do not fit their command: `quarantine` (answer 400, keep), `forward` (answer 200, keep, forward) or `reject` (answer 400).",
  }),
  ALLOW_PRIVATE_DESTINATIONS: setting({
    kind: "variable",
    schema: flag,
    default: false,
    meaning: "Allow `http://` and private addresses as destinations: for local runs and tests only.",
  }),
};

/** The names of all settings; the local programs hand these to the Worker. */
export const settingNames: readonly string[] = [...Object.keys(settings), ...ruleVariables];

/** Every setting for people, as the README lists them. */
export function describeSettings(): { name: string; kind: string; otherwise: string; meaning: string }[] {
  const described = Object.entries(settings).map(([name, { kind, default: otherwise, meaning }]) => ({
    name,
    kind,
    otherwise: otherwise === null || Array.isArray(otherwise) ? "none" : String(otherwise),
    meaning,
  }));
  const rules = {
    name: "FORWARD_RULES, FORWARD_RULES_2 … _9",
    kind: "variable",
    otherwise: "[]",
    meaning: "JSON arrays of rules, joined; several, because a variable holds 5 KB at most.",
  };
  return [...described, rules];
}

export interface Config {
  /** False: nothing is accepted until the settings are mended. */
  configured: boolean;
  receiving: ReceivingPolicy;
  callbackPath: string;
  /** Null: only the platform tells a caller's address. */
  trustedProxy: TrustedProxy | null;
  /** Each opens the API; none: it is closed. */
  adminTokens: readonly string[];
  shards: number;
  locationHint: (typeof locations)[number] | null;
  retentionMs: number;
  privateDestinations: boolean;
  rules: RuleBook;
  /** Every secret value that the settings hold, long ones first: none may stand in what is kept or shown. */
  secrets: readonly string[];
  /** Everything that is wrong or unwise, a sentence each. */
  problems: readonly string[];
}

/** A reverse proxy, believed about who called it. */
export interface TrustedProxy {
  /** Where it stands. */
  addresses: readonly Cidr[];
  /** The header in which it tells the caller's address. */
  header: string;
}

type Environment = Readonly<Record<string, unknown>>;

const read = new WeakMap<object, Config>();

/** Reads an environment once. */
export function readConfig(env: object): Config {
  let config = read.get(env);
  if (config === undefined) {
    config = parse(env as Environment);
    read.set(env, config);
  }
  return config;
}

function parse(env: Environment): Config {
  const problems: string[] = [];
  let configured = true;
  const wrong = (name: keyof typeof settings, message: string): void => {
    const { failClosed }: { failClosed?: true } = settings[name];
    if (failClosed) configured = false;
    problems.push(`${name}: ${message}${failClosed ? "; nothing is accepted until this is mended" : ""}`);
  };
  const value = <Value>(
    name: keyof typeof settings,
    { schema, default: fallback }: Setting<Value>,
  ): Value => {
    const given = env[name];
    if (given === undefined || given === null || given === "") return fallback;
    const result = v.safeParse(schema, given);
    if (result.success) return result.output;
    wrong(name, result.issues[0].message);
    return fallback;
  };

  const apps = value("SDK_APP_ID", settings.SDK_APP_ID);
  if (apps.length === 0 && configured) {
    configured = false;
    problems.push("SDK_APP_ID is not set: nothing is accepted");
  }
  const tokens = value("CALLBACK_TOKEN", settings.CALLBACK_TOKEN);
  if (tokens.length === 0 && configured)
    problems.push("CALLBACK_TOKEN is not set: signatures are not checked");
  const adminTokens = value("ADMIN_TOKEN", settings.ADMIN_TOKEN);
  if (!adminTokens.every(isBearerToken))
    wrong("ADMIN_TOKEN", "a token of other characters than A-Z, a-z, 0-9 and . _ ~ - opens nothing");
  let privateDestinations = value("ALLOW_PRIVATE_DESTINATIONS", settings.ALLOW_PRIVATE_DESTINATIONS);

  const local = isLocal(env);
  if (!local && Object.values(env).some((one) => textsIn(one).some(isSample))) {
    if (tokens.some(isSample)) wrong("CALLBACK_TOKEN", sampleProblem);
    if (adminTokens.some(isSample)) wrong("ADMIN_TOKEN", sampleProblem);
    if (privateDestinations)
      wrong("ALLOW_PRIVATE_DESTINATIONS", "is not heeded beside samples of .dev.vars.example");
    privateDestinations = false;
  }

  const retentionMs = value("RETENTION_HOURS", settings.RETENTION_HOURS) * 3_600_000;
  const looked = new Set<string>();
  const rules = parseRules(
    ruleVariables.map((name) => ({ name, value: env[name] })),
    {
      secret(name) {
        looked.add(name);
        return env[name];
      },
      local,
      privateNetworks: privateDestinations,
      retentionMs,
    },
  );
  const secrets = secretsAmong([
    ...tokens,
    ...adminTokens,
    ...[...looked].flatMap((name) => textsIn(env[name])),
    ...rules.rules.flatMap((rule) => (rule.kind === "answer" ? [] : rule.secrets)),
    ...rules.rules.flatMap((rule) => (rule.kind === "forward" ? (rule.callbackToken ?? []) : [])),
  ]);
  const isTrusted = (token: string) => local || !isSample(token);
  const config: Omit<Config, "configured" | "problems"> = {
    receiving: {
      apps,
      tokens: tokens.filter(isTrusted),
      allows: allowance(value("ALLOW_FROM", settings.ALLOW_FROM), problems),
      unknownCommands: value("UNKNOWN_COMMANDS", settings.UNKNOWN_COMMANDS),
      invalidPayloads: value("INVALID_PAYLOADS", settings.INVALID_PAYLOADS),
    },
    callbackPath: value("CALLBACK_PATH", settings.CALLBACK_PATH),
    trustedProxy: value("TRUSTED_PROXY", settings.TRUSTED_PROXY),
    adminTokens: adminTokens.filter((token) => isBearerToken(token) && isTrusted(token)),
    shards: value("SHARDS", settings.SHARDS),
    locationHint: value("LOCATION_HINT", settings.LOCATION_HINT),
    retentionMs,
    privateDestinations,
    rules,
    secrets,
  };
  return { ...config, configured, problems: [...problems, ...rules.problems].map(withoutSecrets(secrets)) };
}

/** Rules that are not the environment's, read as if they were; their paths begin with `name`. */
export function readOtherRules(env: object, name: string, value: unknown): RuleBook {
  const { privateDestinations: privateNetworks, retentionMs } = readConfig(env);
  const variables = env as Environment;
  return parseRules([{ name, value }], {
    secret: (name) => variables[name],
    local: isLocal(variables),
    privateNetworks,
    retentionMs,
  });
}

function isLocal(env: Environment): boolean {
  return String(env[localRun]).trim() === "true";
}

/** What a request can carry in `Authorization: Bearer`. */
function isBearerToken(token: string): boolean {
  return /^[\w.~-]+$/.test(token);
}

/** Each once. Of an address whoever answers may repeat the part that they were asked for. */
function secretsAmong(values: readonly string[]): readonly string[] {
  const parts = values.flatMap((value) => {
    const { pathname, search } = /^https?:/i.test(value) && URL.canParse(value) ? new URL(value) : {};
    return pathname === undefined ? [value] : [value, pathname + search];
  });
  return [...new Set(parts)]
    .filter((value) => value.length >= shortestSecret)
    .sort((a, b) => b.length - a.length);
}

/** What stands in the wrong place shows in the path of a problem. */
function withoutSecrets(secrets: readonly string[]): (problem: string) => string {
  return (problem) =>
    secrets
      .reduce((text, secret) => text.replaceAll(secret, "***"), problem)
      .replace(/whsec_[A-Za-z0-9+/=]+/g, "whsec_***");
}

/** A path as it stands in a request's URL: with a slash before it, none behind it, encoded. */
export function pathOf(path: string): string {
  const { pathname } = new URL(`http://localhost${path.startsWith("/") ? "" : "/"}${path}`);
  return pathname.replace(/(?<=.)\/$/, "");
}

/** `203.0.113.7 x-real-ip`; null if it cannot be read. */
function proxyIn(text: string): TrustedProxy | null {
  const [header = "", ...addresses] = text.split(/[\s,]+/).reverse();
  const cidrs = addresses.flatMap((address) => parseCidr(address) ?? []);
  const right = cidrs.length === addresses.length && cidrs.length > 0;
  // What `forwarded` holds are no mere addresses.
  const isHeader = /^[a-z][a-z0-9-]*$/i.test(header) && header.toLowerCase() !== "forwarded";
  return right && isHeader ? { addresses: cidrs, header } : null;
}

/** An entry that cannot be read lets nobody in; the others hold. */
function allowance(entries: string[] | null, problems: string[]): ReceivingPolicy["allows"] {
  if (entries === null) return null;
  const cidrs = entries.map(parseCidr);
  cidrs.forEach((cidr, index) => {
    if (cidr === null) problems.push(`ALLOW_FROM: entry ${index + 1} is not an address or CIDR`);
  });
  return (address) => address !== null && cidrs.some((cidr) => cidr !== null && contains(cidr, address));
}
