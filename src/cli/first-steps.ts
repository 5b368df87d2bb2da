/** The first steps that `npm start` shows. */
import { join } from "node:path";
import type { Served } from "./local-receiver.ts";
import { behavePath } from "./receiver.ts";
import { behaviours } from "./receiver-behaviour.ts";
import { root } from "./root.ts";
import { readDevVars, type Settings } from "./settings.ts";

interface Started {
  /** The gateway's. */
  url: string;
  /** The gateway that a command in another terminal would find by itself. */
  usual: string;
  settings: Settings;
  /** Where the example receiver is; null: none runs. */
  receiver: Served | null;
  /** Whether it listens to words typed here. */
  typed: boolean;
}

/** Commands of the program that show events. */
const looks = [
  ["events", "the latest events"],
  ["show ID", "one event, its deliveries, every attempt"],
  ["destinations", "where events go, and how that works"],
  ["doctor", "what to mend"],
] as const;

export function firstSteps({ url, usual, settings, receiver, typed }: Started): string {
  const to = url === usual ? "" : ` --url ${url}`;
  const token = shownToken(settings);
  const steps = [
    `The gateway is on ${url}. In a second terminal, send a callback as Tencent does:\n`,
    `  npm run send -- Group.CallbackAfterRecallMsg${to}\n`,
    ...(receiver === null
      ? ["No example receiver runs: no rule sends to a free port of this machine."]
      : [
          receiver.asks
            ? `Before-callbacks are decided at ${receiver.url}, whose receiver verifies and prints them below.`
            : `It is forwarded to ${receiver.url}, whose receiver verifies and prints it below.`,
          `Make the receiver fail, send again, and see the retry: ${typed ? "type a word and Enter" : `POST ${new URL(behavePath, receiver.url)}/fail`}\n`,
          ...Object.entries(behaviours).map(([word, { meaning }]) => `  ${word.padEnd(8)}${meaning}`),
          "",
        ]),
    ...(token === null
      ? ["With an ADMIN_TOKEN in .dev.vars, you can see what was kept and what became of it."]
      : [
          "See what was kept, and what became of it, on a page or by a command:\n",
          `  ${dashboardUrl(url, token)}\n`,
          ...looks.map(
            ([command, meaning]) => `  ${`npx tim-relay ${command}${to}`.padEnd(32 + to.length)}${meaning}`,
          ),
          `  curl -H "Authorization: Bearer ${token}" ${url}/api/events\n`,
        ]),
    "Edit .dev.vars or tim-relay.jsonc for other settings and rules: they are used when you save.",
    "Ctrl-C stops everything.",
  ];
  return `\n${steps.join("\n")}\n`;
}

/** A link that signs in by the sample; with a real token, the page asks for it. */
function dashboardUrl(url: string, token: string): string {
  return token.startsWith("$") ? url : `${url}/#token=${token}`;
}

/** The token for a command that is shown: the sample itself, but `$ADMIN_TOKEN` for a real token. Null without a token. */
function shownToken({ ADMIN_TOKEN: token }: Settings): string | null {
  if (!token) return null;
  return token === readDevVars(join(root, ".dev.vars.example"))?.ADMIN_TOKEN ? token : "$ADMIN_TOKEN";
}
