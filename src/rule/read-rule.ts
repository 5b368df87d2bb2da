/** Reads one rule: its kind, the values of its keys, and the finished rule. */
import { say } from "../sentence.ts";
import { fitsAddress } from "./address-fit.ts";
import { batchOf } from "./batches.ts";
import { got, isDeeper, isObject, type Json, type JsonObject, maxDepth, tooDeep } from "./json.ts";
import { type Key, type Keys, type Kind, keys, type Values } from "./keys.ts";
import { countable } from "./limit.ts";
import type { RuleContext } from "./readers/reader.ts";
import type { Rule } from "./rule.ts";
import { selectionOf } from "./selection.ts";
import { complete, type SettingPath } from "./setting-path.ts";
import { KvList } from "./words/kv-list.ts";

/** The key that decides the kind of a rule. */
const kindOf: Readonly<Record<string, Kind>> = { url: "forward", ask: "ask", answer: "answer" };

/** The rule; undefined if it is wrong, and every mistake has then been reported through `path`. */
export function readRule(value: Json, path: SettingPath, context: RuleContext): Rule | undefined {
  if (!isObject(value)) return path.problem(say`expected an object, ${got(value)}`);
  const kind = kindIn(value);
  if (kind === undefined) path.problem(say`expected exactly one of url (to forward), ask and answer`);
  const values = readValues(value, kind, path, context);
  return kind && values && finished(kind, values);
}

/** The kind of the one key that decides it; undefined if there are several, or none. */
export function kindIn(value: Json): Kind | undefined {
  if (!isObject(value)) return undefined;
  const kinds = Object.keys(kindOf).filter((name) => Object.hasOwn(value, name));
  return kinds.length === 1 ? kindOf[kinds[0]!] : undefined;
}

/** The finished values of all keys, defaults included; undefined if one of them is wrong. */
function readValues(
  value: JsonObject,
  kind: Kind | undefined,
  path: SettingPath,
  context: RuleContext,
): Values | undefined {
  const defaults = Object.entries<Key<unknown>>(keys).flatMap(([name, key]): [string, Json][] =>
    key.default === undefined || Object.hasOwn(value, name) || !key.kinds.some((one) => one === kind)
      ? []
      : [[name, key.default]],
  );
  const written = [...Object.entries(value), ...defaults];
  const entries = written.map(([name, one]): [string, unknown] | undefined => {
    const at = path.key(name);
    if (isDeeper(one, maxDepth)) return at.problem(tooDeep);
    const key: Key<unknown> | undefined = Object.hasOwn(keys, name) ? keys[name as keyof Keys] : undefined;
    if (key === undefined) return at.problem(say`is not a key of a rule`);
    if (kind && !key.kinds.includes(kind)) {
      return at.problem(
        say`is a key of rules with ${key.kinds.map(ownKey).join(" or ")}; this one has ${ownKey(kind)}`,
      );
    }
    const read = key.read(one, at, context);
    return read === undefined ? undefined : [name, read];
  });
  if (!Object.hasOwn(value, "name")) entries.push(path.key("name").problem(say`is missing`));
  const read = complete(entries);
  const values = read && (Object.fromEntries(read) as Values);
  const fits = values === undefined || fitsAddress(values, path);
  return reportClashes(value, kind, path) || !fits ? undefined : values;
}

function ownKey(kind: Kind): string {
  return Object.keys(kindOf).find((name) => kindOf[name] === kind)!;
}

/** Reports keys that do not go together, and returns whether there are any. */
function reportClashes(value: JsonObject, kind: Kind | undefined, path: SettingPath): boolean {
  if (kind !== "forward" && kind !== "ask") return false;
  const raw = value.format === "raw";
  const token = Object.hasOwn(value, "callbackToken") && !raw;
  const forwards = kind === "forward";
  const batch = forwards && Object.hasOwn(value, "batch") && raw;
  const template = forwards && Object.hasOwn(value, "template") && (raw || value.format === "cloudevents");
  if (token) path.key("callbackToken").problem(say`goes only with "format": "raw"`);
  if (batch) path.key("batch").problem(say`does not go with "format": "raw"`);
  if (template) path.key("template").problem(say`does not go with "format": "${value.format}"`);
  return token || batch || template;
}

/** The rule of these values; `readRule` has checked that the key of its kind is among them. */
function finished(kind: Kind, values: Values): Rule {
  const { enabled, on = null, match = null, sample, words = null, replace = [] } = values;
  const limit = values.limit ?? null;
  const kvLists = replace instanceof KvList ? [replace] : [];
  const chosen = countable(selectionOf(on, match, sample, words, kvLists), limit);
  const selection = { name: values.name!, enabled, ...chosen };
  const { secret: secrets = [], headers = {} } = values;
  switch (kind) {
    case "forward":
      return {
        ...selection,
        kind,
        address: values.url!,
        secrets,
        headers,
        timeoutMs: values.timeoutMs,
        retryMs: values.retry,
        order: values.order,
        concurrency: values.concurrency,
        ratePerSecond: values.ratePerSecond ?? null,
        format: values.format,
        callbackToken: values.callbackToken ?? null,
        template: values.template ?? null,
        succeeds: values.succeeds ?? null,
        batch: batchOf(values.url!.kind, values.batch),
      };
    case "ask":
      return {
        ...selection,
        kind,
        asks: values.ask!,
        secrets,
        headers,
        format: values.format,
        callbackToken: values.callbackToken ?? null,
        limit,
        deadlineMs: values.deadlineMs,
        otherwise: values.otherwise,
        shadow: values.shadow,
        combine: values.combine,
      };
    case "answer":
      return { ...selection, kind, limit, answer: values.answer!, replace };
  }
}
