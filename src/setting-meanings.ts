/** The meaning of each setting. Pages and schemas tell it, and the Worker has no need of it. */
import { settings } from "./settings.ts";

export const settingMeanings: Readonly<Record<keyof typeof settings, string>> = {
  SDK_APP_ID: "Our SDKAppID, or several separated by commas. Required.",
  CALLBACK_TOKEN:
    "The console's authentication token; several separated by commas. Without it signatures are not checked.",
  ADMIN_TOKEN:
    "Bearer token of `/api` and `/metrics`, which are closed without it; several separated by commas. Of A-Z, a-z, 0-9 and `._~-`.",
  READ_TOKEN:
    "Bearer token that may read: every GET of `/api`, and `/metrics`; several separated by commas. Of the same characters.",
  READ_TOKEN_SEES:
    "What a `READ_TOKEN` sees: `metadata` (bodies, queries and texts of events and all parts of responses are left out) or `bodies`.",
  CALLBACK_PATH: "Path on which callbacks are received; an unguessable one is a further secret.",
  ALLOW_FROM:
    "CIDRs that may send callbacks, separated by commas, compared with the address that Cloudflare reports. Outside of Cloudflare no caller is let in without `TRUSTED_PROXY`.",
  TRUSTED_PROXY:
    "A reverse proxy in front of this gateway: its address or CIDR, and the header in which it reports its caller's address: `203.0.113.7 x-real-ip`. Of a list, the last entry counts.",
  SHARDS: "Number of Durable Objects that share the events; may grow later, never shrink.",
  LOCATION_HINT: "Where shards are created, for example `apac-se` or `weur`.",
  RETENTION_HOURS: "How long events are kept, hours.",
  UNKNOWN_COMMANDS:
    "Commands that tim-relay does not know: `accept` (keep, forward, mark) or `reject` (answer 400).",
  INVALID_PAYLOADS:
    "Payloads that do not fit their command: `quarantine` (answer 400, keep), `forward` (answer 200, keep, forward) or `reject` (answer 400).",
  REDACT:
    'Values that are masked before anything is kept, logged or sent: `[{"on": "*.CallbackAfterSendMsg", "paths": ["MsgBody.MsgContent.Text"]}]`.',
  LOG_LEVEL:
    "What is logged: `info` has a line for each callback and attempt, 20 a second of each at most, of which `LOG_SAMPLE` keeps a share; `debug` has all of them, and requests of the API; `warn` has trouble; `error` has failures of the gateway itself.",
  LOG_SAMPLE:
    "The share of events whose callback and deliveries are logged. Trouble is logged whatever it is. `npm start` and `npm run serve` log every event unless it is set.",
  LOG_FORMAT:
    "`json` for programs, or `text` for people, which is the default of `npm run serve`. Without it, `npm start` prints sentences.",
  ALLOW_PRIVATE_DESTINATIONS:
    "Allow `http://` and private addresses as destinations: for local runs and tests only.",
};

/** A setting as `docs/settings.md` lists it. */
interface SettingRow {
  name: string;
  kind: string;
  default: string;
  meaning: string;
}

export function describeSettings(): SettingRow[] {
  const rows = Object.entries(settings).map(([name, { kind, default: value }]) => ({
    name,
    kind,
    default: value === null || Array.isArray(value) ? "none" : String(value),
    meaning: settingMeanings[name as keyof typeof settings],
  }));
  const rules = {
    name: "FORWARD_RULES, FORWARD_RULES_2 … _9",
    kind: "variable",
    default: "[]",
    meaning: "JSON arrays of rules, joined; several, because a variable holds 5 KB at most.",
  };
  return [...rows, rules];
}
