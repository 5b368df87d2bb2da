/** The settings that an operator meets. */
import * as v from "valibot";
import { settings } from "../../settings.ts";
import { component, count, described } from "../answers.ts";
import type { Documented } from "../documented.ts";

export const setupOperations = {
  getSetup: {
    tag: "Gateway",
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
} satisfies Record<string, Documented>;
