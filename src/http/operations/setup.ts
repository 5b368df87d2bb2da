/** The settings that an operator meets. */
import * as v from "valibot";
import { settingMeanings } from "../../setting-meanings.ts";
import { component, count, described } from "./answers.ts";
import type { Documented } from "./documented.ts";

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
      local: described(v.boolean(), settingMeanings.ALLOW_PRIVATE_DESTINATIONS),
      callbackPath: described(
        v.nullable(v.string()),
        `${settingMeanings.CALLBACK_PATH} Null for a \`READ_TOKEN\`.`,
      ),
      apps: described(v.array(v.string()), settingMeanings.SDK_APP_ID),
      signed: described(v.boolean(), "Whether a `CALLBACK_TOKEN` is set: callbacks must be signed by it."),
      addressesLimited: described(
        v.boolean(),
        "Whether `ALLOW_FROM` is set: callbacks of other addresses are refused.",
      ),
      redacted: described(v.boolean(), "Whether `REDACT` masks values."),
      unknownCommands: described(v.picklist(["accept", "reject"]), settingMeanings.UNKNOWN_COMMANDS),
      invalidPayloads: described(
        v.picklist(["quarantine", "forward", "reject"]),
        settingMeanings.INVALID_PAYLOADS,
      ),
      retentionHours: described(v.number(), settingMeanings.RETENTION_HOURS),
      shards: described(count, settingMeanings.SHARDS),
    }),
  },
} satisfies Record<string, Documented>;
