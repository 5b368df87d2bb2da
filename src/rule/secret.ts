/** Secrets in rules: `$NAME` stands for the variable of that name, and `$$` within a text for a dollar. */

import { inTurn, type Sentence, say } from "../sentence.ts";
import { isSample, sampleProblem } from "./sample.ts";
import type { SettingPath } from "./setting-path.ts";

/** Stands for a secret. */
export const mask = "***";

/** Names of headers and fields that carry credentials. */
export const credentialName = /auth|cookie|key|token|secret|signature|password/i;

/** Shorter secrets are not masked: they occur by chance, and masking would hide half of every text. Characters. */
export const minSecretLength = 4;

/** Masks secrets in a text: one in the wrong place of a rule would show in the path of a problem. */
export function withoutSecrets(secrets: readonly string[]): <Text extends string>(text: Text) => Text {
  return <Text extends string>(text: Text) =>
    secrets
      .reduce<string>((shown, secret) => shown.replaceAll(secret, mask), text)
      .replace(/whsec_[A-Za-z0-9+/=]+/g, `whsec_${mask}`) as Text;
}

export interface Secrets {
  /**
   * The value of a variable of the environment; undefined if it is not set.
   * @param address whether an address begins with this variable
   */
  secret(name: string, address: boolean): unknown;
  /** Whether this is a local run, where the samples of `.dev.vars.example` are accepted as secrets. */
  local: boolean;
}

/** The texts of a variable, separated by commas or in a JSON array, without the white space around each. */
export function textsIn(variable: unknown): readonly string[] {
  const items: unknown[] = Array.isArray(variable)
    ? variable
    : typeof variable === "string"
      ? variable.split(",")
      : [variable];
  // An object is a binding of the platform, not a text.
  return items.flatMap((item) =>
    typeof item === "string" || typeof item === "number" ? String(item).trim() || [] : [],
  );
}

/** The texts of the secret that `text` names, else `text` itself. Undefined, and reported, if the secret is not set. */
export function secretsOf(text: string, path: SettingPath, secrets: Secrets): readonly string[] | undefined {
  const [, name] = /^\$([A-Za-z_]\w*)$/.exec(text) ?? [];
  if (name === undefined) return isSample(text) && !secrets.local ? path.problem(sampleProblem) : [text];
  const { texts, problem } = read(name, false, secrets);
  return problem === null ? texts : path.problem(problem);
}

/** The text with every `$NAME` replaced. Undefined, and reported, if one of the secrets cannot be read. */
export function withSecrets(
  text: string,
  kind: "address" | "header" | "token",
  path: SettingPath,
  secrets: Secrets,
): string | undefined {
  const problems = new Set<Sentence>();
  const whole = text.replace(/\$(?:\$|([A-Za-z_]\w*))/g, (_match, name: string | undefined, at: number) => {
    if (name === undefined) return "$";
    const { texts, problem } = read(name, kind === "address" && at === 0, secrets);
    if (problem !== null) problems.add(problem);
    else if (texts.length > 1)
      problems.add(say`${named(name)} holds several values separated by commas, and this takes one`);
    return texts[0] ?? "";
  });
  return problems.size === 0 ? whole : path.problem(inTurn([...problems]));
}

/** The name for a problem. Only upper-case names are shown: the text after a dollar may be part of a password. */
function named(name: string): string {
  return /^[A-Z_][A-Z\d_]*$/.test(name) ? `$${name}` : say`a $NAME`;
}

function read(
  name: string,
  address: boolean,
  { secret, local }: Secrets,
): { texts: readonly string[]; problem: Sentence | null } {
  const texts = textsIn(secret(name, address));
  if (texts.length === 0) return { texts, problem: say`${named(name)} is not set` };
  return { texts, problem: !local && texts.some(isSample) ? say`${named(name)}: ${sampleProblem}` : null };
}
