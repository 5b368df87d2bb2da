/** A rule as it is written, without the secrets in it. `$NAME` stays: it is no secret, and the rule can be edited. */
import { withoutKeys } from "./describe.ts";
import { isDeeper, isObject, type Json, type JsonObject, maxDepth } from "./json.ts";
import { type Key, keys } from "./keys.ts";
import { credentialName, mask, withoutSecrets } from "./secret.ts";

/** A secret by its name alone, also after the scheme of an `authorization`: `$NAME`, `Bearer $NAME`. */
const named = /^(?:(?:Basic|Bearer|Token) )?\$[A-Za-z_]\w*$/;

/**
 * Null where it is no object, or nested too deeply. The value of an unknown key is masked: it may be a secret under a
 * misspelt name.
 * @param secrets masked wherever they stand, long ones first
 * @param keysToo whether the values in the query of an address are masked, as any of them may be a key
 */
export function shownRule(written: Json, secrets: readonly string[], keysToo: boolean): JsonObject | null {
  if (!isObject(written) || isDeeper(written, maxDepth)) return null;
  const plain = withoutSecrets(secrets);
  const address = (text: string) => plain(keysToo ? withoutKeys(text) : text);
  const secret = (text: string) => (named.test(text) ? text : mask);
  const shown = { texts: plain, addresses: address, secrets: secret, credentials: plain };
  return Object.fromEntries(
    Object.entries(written).map(([name, value]) => {
      const key = keyOf(name);
      const safe = key?.holds === "credentials" ? withoutCredentials(value) : value;
      return [plain(name), key ? mapTexts(safe, shown[key.holds ?? "texts"], plain) : mask];
    }),
  );
}

/** The value without texts whose name says that they are credentials. One with a placeholder is filled by the event. */
function withoutCredentials(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutCredentials);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) =>
      typeof inner === "string" && credentialName.test(name) && !inner.includes("{{")
        ? [name, mask]
        : [name, withoutCredentials(inner)],
    ),
  );
}

/** The value with each text, and each name of a key, replaced. */
function mapTexts(value: Json, text: (old: string) => string, name: (old: string) => string): Json {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return value.map((one: Json) => mapTexts(one, text, name));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([old, one]) => [name(old), mapTexts(one, text, name)]),
  );
}

/** Rules that were shown, without the secrets that are masked in them. */
export function withoutMasks(rules: unknown): unknown {
  if (!Array.isArray(rules)) return rules;
  return rules.map((rule: Json) =>
    isObject(rule)
      ? Object.fromEntries(Object.entries(rule).filter(([name, value]) => !isMasked(name, value)))
      : rule,
  );
}

function isMasked(name: string, value: Json): boolean {
  return keyOf(name)?.holds === "secrets" && [value].flat().includes(mask);
}

function keyOf(name: string): Key<unknown> | undefined {
  return Object.hasOwn(keys, name) ? keys[name as keyof typeof keys] : undefined;
}
