/** `GET /api/setup`: entries for Tencent's console, and facts about this gateway. */
import { version } from "../../version.ts";
import { route } from "../route.ts";
import { shardCount } from "../shards.ts";

const msPerHour = 3_600_000;

const showSetup = route(
  {
    method: "GET",
    path: "/api/setup",
    operation: "getSetup",
    access: "read",
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
