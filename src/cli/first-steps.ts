/** The first steps that `npm start` shows. */
import { join } from "node:path";
import { behavePath } from "./receiver.ts";
import { behaviours } from "./receiver-behaviour.ts";
import { root } from "./root.ts";
import { readDevVars, type Settings } from "./settings.ts";

interface Started {
  /** The gateway's. */
  url: string;
  settings: Settings;
  /** The example receiver's address; null: none runs. */
  receiver: URL | null;
  /** Whether it listens to words typed here. */
  typed: boolean;
}

export function firstSteps({ url, settings, receiver, typed }: Started): string {
  const to = url === "http://localhost:8787" ? "" : ` --url ${url}`;
  const token = shownToken(settings);
  const steps = [
    `The gateway is on ${url}. In a second terminal, send a callback as Tencent does:\n`,
    `  npm run send -- Group.CallbackAfterRecallMsg${to}\n`,
    ...(receiver === null
      ? ["No example receiver runs: no rule sends to a free port of this machine."]
      : [
          `It is forwarded to ${receiver}, whose receiver verifies and prints it below. Make it fail, send again, and see the`,
          `retry: ${typed ? "type one of these words and Enter" : `POST one of these words to ${new URL(behavePath, receiver)}/`}\n`,
          ...Object.entries(behaviours).map(([word, { meaning }]) => `  ${word.padEnd(8)}${meaning}`),
          "",
        ]),
    token === null
      ? "With an ADMIN_TOKEN in .dev.vars, /api/events shows what was kept."
      : `What was kept:\n\n  curl -H "Authorization: Bearer ${token}" ${url}/api/events\n`,
    "Edit .dev.vars, or tim-relay.jsonc, for other settings and rules: they are used when you save. `npm run rules -- check` explains them.",
    "Ctrl-C stops everything.",
  ];
  return `\n${steps.join("\n")}\n`;
}

/** The token for a command that is shown: the sample itself, but `$ADMIN_TOKEN` for a real token. Null without a token. */
function shownToken({ ADMIN_TOKEN: token }: Settings): string | null {
  if (!token) return null;
  return token === readDevVars(join(root, ".dev.vars.example"))?.ADMIN_TOKEN ? token : "$ADMIN_TOKEN";
}
