/** Hints: commands that a command names for the next step. */
import type { Client } from "../client/index.js";
import { usualUrl } from "./gateway.ts";
import { readSettings } from "./settings.ts";

/**
 * A command of this program, at the same gateway: with `--url`, unless it would find that gateway by itself.
 * @param command with its arguments, as `show evt_01kb2x…`
 */
export function hint({ url }: Pick<Client, "url">, command: string): string {
  const isUsual = url === usualUrl(readSettings()).url.replace(/\/+$/, "");
  return `npx tim-relay ${command}${isUsual ? "" : ` --url ${url}`}`;
}

/** A text in which each command of this program is one at the same gateway. Commands stand between backticks. */
export function hinting(relay: Pick<Client, "url">, text: string): string {
  return text.replace(/(?<=`)npx tim-relay ([^`]+)/g, (_, command) => hint(relay, command));
}
