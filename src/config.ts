/**
 * Every setting: its name, what it accepts, its default and what it means. The environment goes in, a finished
 * `Config` comes out, with all problems named together. No value is ever repeated in a problem: it may be secret.
 */

import * as v from "valibot";
import { documented } from "#documented";
import type { ReceivingPolicy } from "./callback/read-callback.ts";
import { contains, parseCidr } from "./rule/cidr.ts";
import { parseRules, type RuleBook } from "./rule/parse-rules.ts";

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
  v.transform((value) =>
    (Array.isArray(value) ? value : String(value).split(","))
      .map((item) => String(item).trim())
      .filter(Boolean),
  ),
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

const ruleVariables = ["FORWARD_RULES", ...[2, 3, 4, 5, 6, 7, 8, 9].map((n) => `FORWARD_RULES_${n}`)];

/** `guards`: while it is wrong, nothing is accepted; any other wrong setting is named, and its default holds. */
interface Setting<Value> {
  kind: "secret" | "variable";
  reads: v.GenericSchema<unknown, Value>;
  otherwise: NoInfer<Value>;
  guards?: true;
  meaning: string;
}

const setting = <Value>(definition: Setting<Value>) => definition;

const settings = {
  SDK_APP_ID: setting({
    kind: "secret",
    reads: v.pipe(
      texts,
      v.check(
        (apps) => apps.length > 0 && apps.every((app) => /^\d{1,20}$/.test(app)),
        "expected SDKAppIDs, numbers separated by commas",
      ),
    ),
    otherwise: [],
    guards: true,
    meaning: documented("Our SDKAppID, or several separated by commas. Required."),
  }),
  CALLBACK_TOKEN: setting({
    kind: "secret",
    reads: v.pipe(texts, v.minLength(1, "holds no token")),
    otherwise: [],
    guards: true,
    meaning: documented(
      "The console's authentication token; several separated by commas. Without it signatures are not checked.",
    ),
  }),
  ADMIN_TOKEN: setting({
    kind: "secret",
    reads: v.nullable(text),
    otherwise: null,
    meaning: documented("Bearer token of `/api` and `/metrics`, which are closed without it."),
  }),
  CALLBACK_PATH: setting({
    kind: "variable",
    reads: v.pipe(
      text,
      v.regex(/^\/?[^?#\s]*$/, "expected a path such as /tim, without ? and #"),
      v.transform(pathOf),
      v.check(
        (path) => !/^\/(api|health|metrics|openapi\.json)(\/|$)/.test(path),
        "is a path that tim-relay uses itself",
      ),
    ),
    otherwise: "/",
    guards: true,
    meaning: documented("Path on which callbacks are received; an unguessable one is a further secret."),
  }),
  ALLOW_FROM: setting({
    kind: "variable",
    reads: v.nullable(v.pipe(texts, v.minLength(1, "holds no CIDR"))),
    otherwise: null,
    guards: true,
    meaning: documented(
      "CIDRs that may send callbacks, separated by commas, held against the address that Cloudflare reports.",
    ),
  }),
  SHARDS: setting({
    kind: "variable",
    reads: v.pipe(
      number,
      v.check(
        (value) => Number.isInteger(value) && value >= 1 && value <= 256,
        "expected a whole number from 1 to 256",
      ),
    ),
    otherwise: 1,
    meaning: documented("Number of Durable Objects that share the events; may grow later, never shrink."),
  }),
  LOCATION_HINT: setting({
    kind: "variable",
    reads: v.nullable(oneOf(...locations)),
    otherwise: null,
    meaning: documented("Where shards are created, for example `apac-se` or `weur`."),
  }),
  RETENTION_HOURS: setting({
    kind: "variable",
    reads: between(0.001, 24 * 366),
    otherwise: 168,
    meaning: documented("How long events are kept, hours."),
  }),
  UNKNOWN_COMMANDS: setting({
    kind: "variable",
    reads: oneOf("accept", "reject"),
    otherwise: "accept",
    meaning: documented(
      "Commands that tim-relay does not know: `accept` (keep, forward, mark) or `reject` (answer 400).",
    ),
  }),
  INVALID_PAYLOADS: setting({
    kind: "variable",
    reads: oneOf("quarantine", "forward", "reject"),
    otherwise: "quarantine",
    meaning: documented(
      "Payloads that do not fit their command: `quarantine` (answer 400, keep), `forward` (answer 200, keep, forward) or `reject` (answer 400).",
    ),
  }),
  ALLOW_PRIVATE_DESTINATIONS: setting({
    kind: "variable",
    reads: flag,
    otherwise: false,
    meaning: documented(
      "Allow `http://` and private addresses as destinations: for local runs and tests only.",
    ),
  }),
};

/** The names of all settings; the local programs hand these to the Worker. */
export const settingNames: readonly string[] = [...Object.keys(settings), ...ruleVariables];

/** Every setting for people, as the README lists them. */
export function describeSettings(): { name: string; kind: string; otherwise: string; meaning: string }[] {
  const described = Object.entries(settings).map(([name, { kind, otherwise, meaning }]) => ({
    name,
    kind,
    otherwise: otherwise === null || Array.isArray(otherwise) ? "none" : String(otherwise),
    meaning,
  }));
  const rules = {
    name: "FORWARD_RULES, FORWARD_RULES_2 … _9",
    kind: "variable",
    otherwise: "[]",
    meaning: documented("JSON arrays of rules, joined; several, because a variable holds 5 KB at most."),
  };
  return [...described, rules];
}

export interface Config {
  /** False: nothing is accepted until the settings are mended. */
  configured: boolean;
  receiving: ReceivingPolicy;
  callbackPath: string;
  adminToken: string | null;
  shards: number;
  locationHint: (typeof locations)[number] | null;
  retentionMs: number;
  privateDestinations: boolean;
  rules: RuleBook;
  /** Every secret value that the settings hold: none may stand in what is kept or shown. */
  secrets: readonly string[];
  /** Everything that is wrong or unwise, a sentence each. */
  problems: readonly string[];
}

type Environment = Readonly<Record<string, unknown>>;

const read = new WeakMap<object, { ownHosts: string; config: Config }>();

/**
 * Reads the environment once, and again only when it or `ownHosts` changes.
 * @param ownHosts hosts under which this gateway is reached (`host[:port]`): no destination may be one.
 */
export function readConfig(env: object, ownHosts: readonly string[] = []): Config {
  const key = ownHosts.join();
  const last = read.get(env);
  if (last?.ownHosts === key) return last.config;
  const config = parse(env as Environment, ownHosts);
  read.set(env, { ownHosts: key, config });
  return config;
}

function parse(env: Environment, ownHosts: readonly string[]): Config {
  const problems: string[] = [];
  let configured = true;
  const value = <Value>(name: keyof typeof settings, { reads, otherwise, guards }: Setting<Value>): Value => {
    const given = env[name];
    if (given === undefined || given === null || given === "") return otherwise;
    const result = v.safeParse(reads, given);
    if (result.success) return result.output;
    if (guards) configured = false;
    problems.push(
      `${name}: ${result.issues[0].message}${guards ? "; nothing is accepted until this is mended" : ""}`,
    );
    return otherwise;
  };

  const apps = value("SDK_APP_ID", settings.SDK_APP_ID);
  if (apps.length === 0 && configured) {
    configured = false;
    problems.push("SDK_APP_ID is not set: nothing is accepted");
  }
  const tokens = value("CALLBACK_TOKEN", settings.CALLBACK_TOKEN);
  if (tokens.length === 0 && configured)
    problems.push("CALLBACK_TOKEN is not set: signatures are not checked");

  const retentionMs = value("RETENTION_HOURS", settings.RETENTION_HOURS) * 3_600_000;
  const privateDestinations = value("ALLOW_PRIVATE_DESTINATIONS", settings.ALLOW_PRIVATE_DESTINATIONS);
  const rules = parseRules(
    ruleVariables.map((name) => ({ name, value: env[name] })),
    { secret: secretIn(env), privateNetworks: privateDestinations, ownHosts, retentionMs },
  );
  const config: Omit<Config, "configured" | "problems"> = {
    receiving: {
      apps,
      tokens,
      allows: allowance(value("ALLOW_FROM", settings.ALLOW_FROM), problems),
      unknownCommands: value("UNKNOWN_COMMANDS", settings.UNKNOWN_COMMANDS),
      invalidPayloads: value("INVALID_PAYLOADS", settings.INVALID_PAYLOADS),
    },
    callbackPath: value("CALLBACK_PATH", settings.CALLBACK_PATH),
    adminToken: value("ADMIN_TOKEN", settings.ADMIN_TOKEN),
    shards: value("SHARDS", settings.SHARDS),
    locationHint: value("LOCATION_HINT", settings.LOCATION_HINT),
    retentionMs,
    privateDestinations,
    rules,
    secrets: [],
  };
  return { ...config, configured, problems: [...problems, ...rules.problems] };
}

/** Rules that are not the environment's, read as if they were; their paths begin with `name`. */
export function readOtherRules(env: object, name: string, value: unknown): RuleBook {
  const { privateDestinations: privateNetworks, retentionMs } = readConfig(env);
  const secret = secretIn(env as Environment);
  return parseRules([{ name, value }], { secret, privateNetworks, ownHosts: [], retentionMs });
}

/** A path as it stands in a request's URL: with a slash before it, none behind it, encoded. */
export function pathOf(path: string): string {
  const { pathname } = new URL(`http://localhost${path.startsWith("/") ? "" : "/"}${path}`);
  return pathname.replace(/(?<=.)\/$/, "");
}

const secretIn =
  (env: Environment) =>
  (name: string): string | undefined => {
    const value = env[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };

/** An entry that cannot be read lets nobody in; the others hold. */
function allowance(entries: string[] | null, problems: string[]): ReceivingPolicy["allows"] {
  if (entries === null) return null;
  const cidrs = entries.map(parseCidr);
  cidrs.forEach((cidr, index) => {
    if (cidr === null) problems.push(`ALLOW_FROM: entry ${index + 1} is not an address or CIDR`);
  });
  return (address) => address !== null && cidrs.some((cidr) => cidr !== null && contains(cidr, address));
}
