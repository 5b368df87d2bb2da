/** `GET /api/setup`: what an operator enters in Tencent's console, and what this gateway is. */
import * as v from "valibot";
import { settings } from "../../settings.ts";
import { version } from "../../version.ts";
import { component, count, described } from "../answers.ts";
import { route } from "../route.ts";
import { shardCount } from "../shards.ts";

const msPerHour = 3_600_000;

const showSetup = route(
  {
    method: "GET",
    path: "/api/setup",
    operation: "getSetup",
    tag: "Gateway",
    access: "read",
    summary:
      "Shows the settings that an operator meets: the path and the apps for Tencent's console, whether callbacks must be signed, and how long events are kept.",
    answer: component("Setup", "The gateway's settings, without secrets.", {
      version: described(v.string(), "The release that runs."),
      configured: described(
        v.boolean(),
        "False: nothing is accepted until the settings are mended. See `/health`.",
      ),
      local: described(v.boolean(), settings.ALLOW_PRIVATE_DESTINATIONS.meaning),
      callbackPath: described(
        v.nullable(v.string()),
        `${settings.CALLBACK_PATH.meaning} Null for a \`READ_TOKEN\`.`,
      ),
      apps: described(v.array(v.string()), settings.SDK_APP_ID.meaning),
      signed: described(v.boolean(), "Whether a `CALLBACK_TOKEN` is set: callbacks must be signed by it."),
      addressesLimited: described(
        v.boolean(),
        "Whether `ALLOW_FROM` is set: callbacks of other addresses are refused.",
      ),
      redacted: described(v.boolean(), "Whether `REDACT` masks values."),
      unknownCommands: described(v.picklist(["accept", "reject"]), settings.UNKNOWN_COMMANDS.meaning),
      invalidPayloads: described(
        v.picklist(["quarantine", "forward", "reject"]),
        settings.INVALID_PAYLOADS.meaning,
      ),
      retentionHours: described(v.number(), settings.RETENTION_HOURS.meaning),
      shards: described(count, settings.SHARDS.meaning),
    }),
  },
  async ({ caller, env, config }) => {
    const { apps, tokens, allows, unknownCommands, invalidPayloads } = config.receiving;
    return {
      version,
      configured: config.configured,
      local: config.privateDestinations,
      callbackPath: caller.token === "admin" ? config.callbackPath : null,
      apps: [...apps],
      signed: tokens.length > 0,
      addressesLimited: allows !== null,
      redacted: config.redaction !== null,
      unknownCommands,
      invalidPayloads,
      retentionHours: config.retentionMs / msPerHour,
      shards: await shardCount(env, config),
    };
  },
);

export const setupRoutes = [showSetup];
