/** The answers of a first deployment, and `tim-relay.jsonc` as they make it. */
import { applyEdits, type JSONPath, modify } from "jsonc-parser";
import { secretNameOf } from "./secrets.ts";
import type { Standing } from "./standing.ts";

export interface Destination {
  name: string;
  /** `https://…` or `listener:`. */
  url: string;
  /** Whether a rule of this name, of an earlier run, gets the URL. */
  renews?: boolean;
}

/** A member that is not asked for, because a file decides it, is undefined. */
export interface Answers {
  /** SDKAppIDs, separated by commas. */
  apps: string;
  /** Null: production. */
  environment: string | null;
  location?: string | null;
  path?: string;
  /** Null: none yet. */
  destination?: Destination | null;
  /** Null: an address of `workers.dev`. */
  domain?: string | null;
  /** The values of all secrets by name. `SDK_APP_ID` is made of `apps`. */
  secrets: Readonly<Record<string, string>>;
}

/** The text of `tim-relay.jsonc` with the answers. Its other settings and its comments stay. */
export function settingsText(
  { text, rules, domains }: Pick<Standing, "text" | "rules" | "domains">,
  { environment, location, path, destination, domain }: Answers,
): string {
  const part = environment === null ? [] : ["environments", environment];
  const rule = destination && ruleOf(destination);
  const at = rule ? (rules?.indexOf(rule.name) ?? -1) : -1;
  const changes: [JSONPath, unknown][] = [];
  if (path !== undefined) changes.push([["vars", "CALLBACK_PATH"], path]);
  if (location != null) changes.push([["vars", "LOCATION_HINT"], location]);
  if (rules === null) changes.push([["rules"], rule ? [rule] : []]);
  else if (rule && at < 0) changes.push([["rules", -1], rule]);
  else if (rule && destination.renews) changes.push([["rules", at, "url"], rule.url]);
  if (domain && !domains.includes(domain)) changes.push([["domains", -1], domain]);
  let changed = text ?? '{\n  "$schema": "./docs/tim-relay.schema.json"\n}\n';
  for (const [at, value] of changes) {
    const edits = modify(changed, [...part, ...at], value, {
      formattingOptions: formOf(changed),
      isArrayInsertion: at.at(-1) === -1,
    });
    changed = applyEdits(changed, edits);
  }
  return changed;
}

/** How the file is written: by tabs or blanks, and with the ends of lines of Windows or not. */
const formOf = (text: string) => ({
  insertSpaces: !/^\t/m.test(text),
  tabSize: 2,
  eol: text.includes("\r\n") ? "\r\n" : "\n",
});

export function ruleOf({ name, url }: Destination) {
  return { name, url, secret: `$${secretNameOf(name)}` };
}
