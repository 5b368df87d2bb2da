/** Every setting: its name, the values it accepts, its default and its meaning. */
import * as v from "valibot";
import { logFormats, logLevels } from "./log.ts";
import { between, flag, oneOf, path, proxy, texts, wholeNumber } from "./setting-kinds.ts";

export interface Setting<Value> {
  kind: "secret" | "variable";
  schema: v.GenericSchema<unknown, Value>;
  default: NoInfer<Value>;
  /** While its value is wrong, nothing is accepted. Any other wrong setting is named in `/health`, and its default applies. */
  failClosed?: true;
  meaning: string;
}

const setting = <Value>(definition: Setting<Value>) => definition;

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

export const settings = {
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
  READ_TOKEN: setting({
    kind: "secret",
    schema: v.pipe(texts, v.minLength(1, "holds no token")),
    default: [],
    meaning:
      "Bearer token that may read: every GET of `/api`, and `/metrics`; several separated by commas. Of the same characters.",
  }),
  READ_TOKEN_SEES: setting({
    kind: "variable",
    schema: oneOf("metadata", "bodies"),
    default: "metadata",
    meaning:
      "What a `READ_TOKEN` sees: `metadata` (bodies, queries and texts of events and all parts of responses are left out) or `bodies`.",
  }),
  CALLBACK_PATH: setting({
    kind: "variable",
    schema: path,
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
      "CIDRs that may send callbacks, separated by commas, compared with the address that Cloudflare reports. Outside of Cloudflare no caller is let in without `TRUSTED_PROXY`.",
  }),
  TRUSTED_PROXY: setting({
    kind: "variable",
    schema: v.nullable(proxy),
    default: null,
    failClosed: true,
    meaning:
      "A reverse proxy in front of this gateway: its address or CIDR, and the header in which it reports its caller's address: `203.0.113.7 x-real-ip`. Of a list, the last entry counts.",
  }),
  SHARDS: setting({
    kind: "variable",
    schema: wholeNumber(1, 256),
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
  REDACT: setting<unknown>({
    kind: "variable",
    schema: v.unknown(),
    default: [],
    failClosed: true,
    meaning:
      'Values that are masked before anything is kept, logged or sent: `[{"on": "*.CallbackAfterSendMsg", "paths": ["MsgBody.MsgContent.Text"]}]`.',
  }),
  LOG_LEVEL: setting({
    kind: "variable",
    schema: oneOf(...logLevels),
    default: "info",
    meaning:
      "What is logged: `info` has a line for each callback and attempt, 20 a second of each at most, of which `LOG_SAMPLE` keeps a share; `debug` has all of them, and requests of the API; `warn` has trouble; `error` has failures of the gateway itself.",
  }),
  LOG_SAMPLE: setting({
    kind: "variable",
    schema: between(0, 1),
    default: 0.02,
    meaning:
      "The share of events whose callback and deliveries are logged. Trouble is logged whatever it is. `npm start` and `npm run serve` log every event unless it is set.",
  }),
  LOG_FORMAT: setting({
    kind: "variable",
    schema: oneOf(...logFormats),
    default: "json",
    meaning:
      "`json` for programs, or `text` for people, which is the default of `npm run serve`. Without it, `npm start` prints sentences.",
  }),
  ALLOW_PRIVATE_DESTINATIONS: setting({
    kind: "variable",
    schema: flag,
    default: false,
    meaning: "Allow `http://` and private addresses as destinations: for local runs and tests only.",
  }),
};

/** The variables that hold rules. */
export const ruleVariables = ["FORWARD_RULES", ...[2, 3, 4, 5, 6, 7, 8, 9].map((n) => `FORWARD_RULES_${n}`)];

/** Only `npm start` sets it, for the development server. */
export const localRun = "LOCAL_RUN";

/** The names of all settings. The local programs pass these variables to the Worker. */
export const settingNames: readonly string[] = [...Object.keys(settings), ...ruleVariables];

/** A setting as the README lists it. */
interface SettingRow {
  name: string;
  kind: string;
  default: string;
  meaning: string;
}

export function describeSettings(): SettingRow[] {
  const rows = Object.entries(settings).map(([name, { kind, default: value, meaning }]) => ({
    name,
    kind,
    default: value === null || Array.isArray(value) ? "none" : String(value),
    meaning,
  }));
  const rules = {
    name: "FORWARD_RULES, FORWARD_RULES_2 … _9",
    kind: "variable",
    default: "[]",
    meaning: "JSON arrays of rules, joined; several, because a variable holds 5 KB at most.",
  };
  return [...rows, rules];
}
