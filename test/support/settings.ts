import { app, callbackToken } from "./callbacks.ts";
import { adminToken } from "./client.ts";

/** The settings of every gateway unless a test gives others, as texts. */
export const usualSettings = {
  SDK_APP_ID: app,
  CALLBACK_TOKEN: callbackToken,
  ADMIN_TOKEN: adminToken,
  LOG_SAMPLE: "1",
  ALLOW_PRIVATE_DESTINATIONS: "true",
} as const;
