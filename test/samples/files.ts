/** Files beside the gateway: settings for the environment of a process, and names that stay out of an image. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../src/cli/root.ts";
import { readConfig } from "../../src/config.ts";
import { settingNames } from "../../src/settings.ts";

/** Variables that programs of this project, or wrangler, read beside the settings. */
export const environment: readonly string[] = [
  ...["TIM_RELAY_URL", "TIM_RELAY_TOKEN", "PORT", "HOST", "DATA_DIR"],
  ...["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_ENV"],
];

/** Secrets of rules, by the names that documents give them. */
const ofRules = /^[A-Z]+_(SECRET|TOKEN|KEY|BOT|WEBHOOK)$/;

/** The mistakes in lines `NAME=value`. */
export function environmentProblems(text: string): string[] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const given = new Map(lines.map((line) => [line.split("=")[0]!, line.slice(line.indexOf("=") + 1)]));
  const unknown = [...given.keys()].filter(
    (name) => !settingNames.includes(name) && !environment.includes(name) && !ofRules.test(name),
  );
  const { problems } = readConfig(Object.fromEntries(given));
  return [
    ...unknown.map((name) => `${name} is no setting`),
    // A page may show a part of the settings: those that are missing are no mistake.
    ...problems.filter((problem) => [...given.keys()].some((name) => problem.startsWith(name))),
  ];
}

/** What Git ignores holds secrets, events or what is built: a list that keeps names out of an image has it, too. */
export function ignoreProblems(text: string): string[] {
  const names = (list: string) => list.split("\n").map((line) => line.replace(/\/$/, ""));
  const [ignored, given] = [names(readFileSync(join(root, ".gitignore"), "utf8")), names(text)];
  return ignored
    .filter((name) => /^[\w.]+$/.test(name) && !given.includes(name))
    .map((name) => `${name} is missing, which Git ignores`);
}
