/** Every setting: its name, the values it accepts, and its default. `setting-meanings.ts` has its meaning. */
import * as v from "valibot";
import { logFormats, logLevels } from "./log.ts";
import { say } from "./sentence.ts";
import { between, flag, oneOf, path, proxy, texts, wholeNumber } from "./setting-kinds.ts";

export interface Setting<Value> {
  kind: "secret" | "variable";
  /** Made when a value is first read: few settings are set. */
  schema(): v.GenericSchema<unknown, Value>;
  default: NoInfer<Value>;
  /** While its value is wrong, nothing is accepted. Any other wrong setting is named in `/health`, and its default applies. */
  failClosed?: true;
}

const setting = <Value>(definition: Setting<Value>) => definition;

const tokens = () => v.pipe(texts(), v.minLength(1, say`holds no token`));

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
    schema: () =>
      v.pipe(
        texts(),
        v.check(
          (apps) => apps.length > 0 && apps.every((app) => /^\d{1,20}$/.test(app)),
          say`expected SDKAppIDs, numbers separated by commas`,
        ),
      ),
    default: [],
    failClosed: true,
  }),
  CALLBACK_TOKEN: setting({
    kind: "secret",
    schema: () => tokens(),
    default: [],
    failClosed: true,
  }),
  ADMIN_TOKEN: setting({
    kind: "secret",
    schema: () => tokens(),
    default: [],
  }),
  READ_TOKEN: setting({
    kind: "secret",
    schema: () => tokens(),
    default: [],
  }),
  READ_TOKEN_SEES: setting({
    kind: "variable",
    schema: () => oneOf("metadata", "bodies"),
    default: "metadata",
  }),
  CALLBACK_PATH: setting({
    kind: "variable",
    schema: () => path(),
    default: "/",
    failClosed: true,
  }),
  ALLOW_FROM: setting({
    kind: "variable",
    schema: () => v.nullable(v.pipe(texts(), v.minLength(1, say`holds no CIDR`))),
    default: null,
    failClosed: true,
  }),
  TRUSTED_PROXY: setting({
    kind: "variable",
    schema: () => v.nullable(proxy()),
    default: null,
    failClosed: true,
  }),
  SHARDS: setting({
    kind: "variable",
    schema: () => wholeNumber(1, 256),
    default: 1,
  }),
  LOCATION_HINT: setting({
    kind: "variable",
    schema: () => v.nullable(oneOf(...locations)),
    default: null,
  }),
  RETENTION_HOURS: setting({
    kind: "variable",
    schema: () => between(0.001, 24 * 366),
    default: 168,
  }),
  UNKNOWN_COMMANDS: setting({
    kind: "variable",
    schema: () => oneOf("accept", "reject"),
    default: "accept",
  }),
  INVALID_PAYLOADS: setting({
    kind: "variable",
    schema: () => oneOf("quarantine", "forward", "reject"),
    default: "quarantine",
  }),
  REDACT: setting<unknown>({
    kind: "variable",
    schema: () => v.unknown(),
    default: [],
    failClosed: true,
  }),
  LOG_LEVEL: setting({
    kind: "variable",
    schema: () => oneOf(...logLevels),
    default: "info",
  }),
  LOG_SAMPLE: setting({
    kind: "variable",
    schema: () => between(0, 1),
    default: 0.02,
  }),
  LOG_FORMAT: setting({
    kind: "variable",
    schema: () => oneOf(...logFormats),
    default: "json",
  }),
  ALLOW_PRIVATE_DESTINATIONS: setting({
    kind: "variable",
    schema: () => flag(),
    default: false,
  }),
};

/** The variables that hold rules. */
export const ruleVariables = ["FORWARD_RULES", ...[2, 3, 4, 5, 6, 7, 8, 9].map((n) => `FORWARD_RULES_${n}`)];

/** Only `npm start` sets it, for the development server. */
export const localRun = "LOCAL_RUN";

/** The names of all settings. The local programs pass these variables to the Worker. */
export const settingNames: readonly string[] = [...Object.keys(settings), ...ruleVariables];
