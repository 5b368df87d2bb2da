/** How rules read secrets: `$NAME` stands for the variable of that name, within a text `$$` for a dollar. */

import { isSample, sampleProblem } from "./sample.ts";
import type { SettingPath } from "./setting-path.ts";

/** Shorter ones stand everywhere by chance: to mask them would hide half of every text. Characters. */
export const minSecretLength = 4;

export interface Secrets {
  /**
   * A variable as it stands in the environment; undefined if there is none.
   * @param address whether an address begins with it
   */
  secret(name: string, address: boolean): unknown;
  /** Whether this is a local run, where the samples of `.dev.vars.example` do as secrets. */
  local: boolean;
}

/** What a variable holds: texts separated by commas, or a JSON array of them, without the white space around each. */
export function textsIn(variable: unknown): readonly string[] {
  const items: unknown[] = Array.isArray(variable)
    ? variable
    : typeof variable === "string"
      ? variable.split(",")
      : [variable];
  // A binding of the platform is no text.
  return items.flatMap((item) =>
    typeof item === "string" || typeof item === "number" ? String(item).trim() || [] : [],
  );
}

/** The texts of a secret, or the text itself where it names none. Undefined if there are none, which is said at the place. */
export function secretsOf(text: string, place: SettingPath, secrets: Secrets): readonly string[] | undefined {
  const [, name] = /^\$([A-Za-z_]\w*)$/.exec(text) ?? [];
  if (name === undefined) return isSample(text) && !secrets.local ? place.problem(sampleProblem) : [text];
  const { texts, problem } = read(name, false, secrets);
  return problem === null ? texts : place.problem(problem);
}

/** The text with its secrets in their places; undefined if one of them cannot be read, which is said at the place. */
export function withSecrets(
  text: string,
  kind: "address" | "header" | "token",
  place: SettingPath,
  secrets: Secrets,
): string | undefined {
  const problems = new Set<string>();
  const whole = text.replace(/\$(?:\$|([A-Za-z_]\w*))/g, (_match, name: string | undefined, at: number) => {
    if (name === undefined) return "$";
    const { texts, problem } = read(name, kind === "address" && at === 0, secrets);
    if (problem !== null) problems.add(problem);
    else if (texts.length > 1)
      problems.add(`${named(name)} holds several values separated by commas, and this takes one`);
    return texts[0] ?? "";
  });
  return problems.size === 0 ? whole : place.problem([...problems].join("; "));
}

/** Only what looks like the name of a setting is named: a password may hold a dollar, too. */
function named(name: string): string {
  return /^[A-Z_][A-Z\d_]*$/.test(name) ? `$${name}` : "a $NAME";
}

function read(
  name: string,
  address: boolean,
  { secret, local }: Secrets,
): { texts: readonly string[]; problem: string | null } {
  const texts = textsIn(secret(name, address));
  if (texts.length === 0) return { texts, problem: `${named(name)} is not set` };
  return { texts, problem: !local && texts.some(isSample) ? `${named(name)} ${sampleProblem}` : null };
}
