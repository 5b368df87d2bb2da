/** The secrets that sign a delivery: the Standard Webhooks secrets of `secret`, and Tencent's token of `callbackToken`. */

import { say } from "../../sentence.ts";
import { isSample, sampleProblem } from "../sample.ts";
import { secretsOf, withSecrets } from "../secret.ts";
import { oneOrSeveral, type Reader } from "./reader.ts";

/** One secret text, in which `$NAME` is replaced as in addresses and headers. White space around it is removed. */
export const secretText: Reader<string> = {
  schema: { type: "string", pattern: "\\S" },
  read(value, path, context) {
    if (Array.isArray(value)) return path.problem(say`expected one text, got a list: it takes no second one`);
    const text = typeof value === "string" ? value.trim() : "";
    if (text === "") return path.problem(say`expected a text, best $NAME of a secret`);
    if (isSample(text) && !context.local) return path.problem(sampleProblem);
    return withSecrets(text, "token", path, context);
  },
};

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme */
const signingSecret: Reader<readonly string[]> = {
  schema: { type: "string", pattern: `^(\\$[A-Za-z_]\\w*|${base64Of24To64Bytes()})$` },
  read(value, path, context) {
    if (typeof value !== "string" || value === "")
      return path.problem(say`expected a text, best $NAME of a secret`);
    const secrets = secretsOf(value, path, context);
    if (secrets === undefined || secrets.every(isSigningSecret)) return secrets;
    const whereFrom = secrets[0] === value ? "" : say` in ${value}`;
    return path.problem(say`expected whsec_ and the base64 of 24 to 64 bytes${whereFrom}`);
  },
};

/** One secret or a list of them. A secret that is read from `$NAME` may itself hold several. */
export const signingSecrets: Reader<readonly string[]> = {
  schema: oneOrSeveral(signingSecret).schema,
  read: (value, path, context) => oneOrSeveral(signingSecret).read(value, path, context)?.flat(),
};

/** Base64 writes three bytes as four characters; one or two bytes at the end are filled up with `=`. */
function base64Of24To64Bytes(): string {
  const character = "[A-Za-z0-9+/]";
  const upTo62 = `(${character}{4}){8,20}(${character}{2}==|${character}{3}=)?`;
  return `whsec_(${upTo62}|(${character}{4}){21}(${character}{2}==)?)`;
}

function isSigningSecret(secret: string): boolean {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  if (base64 === undefined || base64.length % 4 !== 0) return false;
  const bytes = atob(base64).length;
  return bytes >= 24 && bytes <= 64;
}
