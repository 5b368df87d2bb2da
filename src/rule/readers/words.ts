/** The values of `words` and `replace`: lists of words in the rule, or in Workers KV. */

import { say } from "../../sentence.ts";
import { isObject, type Json } from "../json.ts";
import type { Replacement } from "../rule.ts";
import { complete, type SettingPath } from "../setting-path.ts";
import { type KvList, kvListOf } from "../words/kv-list.ts";
import { OwnList, type WordList } from "../words/word-list.ts";
import { matching, plainText, type Reader, type RuleContext } from "./reader.ts";

const word = matching(/./su, say`a word`);

const kvAddress = /^kv:([A-Za-z_]\w*)\/(.{1,512})$/su;

const inKv = { type: "string", pattern: kvAddress.source };
const list = { type: "array", items: { type: "string", minLength: 1 }, minItems: 1 };

/** A list of words, or `kv:BINDING/key`. */
export const words: Reader<WordList> = {
  schema: { anyOf: [list, inKv] },
  read(value, path, context) {
    if (typeof value === "string") return kvList(value, path, context);
    if (!Array.isArray(value) || value.length === 0)
      return path.problem(say`expected a list of words, or the address of one such as "kv:WORDS/banned"`);
    const read = complete(value.map((one: Json, index) => word.read(one, path.item(index), context)));
    return read && new OwnList(read);
  },
};

/** A list of words, an object from word to mask, or `kv:BINDING/key`. */
export const replacements: Reader<readonly Replacement[] | KvList> = {
  schema: {
    anyOf: [list, { type: "object", additionalProperties: { type: "string" }, minProperties: 1 }, inKv],
  },
  read(value, path, context) {
    const replacement = (
      one: Json,
      mask: string | undefined | null,
      at: SettingPath,
    ): Replacement | undefined => {
      const read = word.read(one, at, context);
      return read === undefined || mask === undefined ? undefined : { word: read, mask };
    };
    if (typeof value === "string") return kvList(value, path, context);
    if (Array.isArray(value) && value.length > 0) {
      return complete(value.map((one: Json, index) => replacement(one, null, path.item(index))));
    }
    if (isObject(value) && Object.keys(value).length > 0) {
      return complete(
        Object.entries(value).map(([one, mask]) =>
          replacement(one, plainText.read(mask, path.key(one), context), path.key(one)),
        ),
      );
    }
    return path.problem(
      say`expected a list of words, an object such as {"word": "***"}, or the address of a list such as "kv:WORDS/banned"`,
    );
  },
};

function kvList(value: string, path: SettingPath, context: RuleContext): KvList | undefined {
  const [, binding, key] = kvAddress.exec(value) ?? [];
  if (binding === undefined || key === undefined) return path.problem(say`expected kv:BINDING/key`);
  const problem = context.bindingProblem(binding, "kv");
  if (problem !== null) return path.problem(problem);
  return kvListOf(context.kvNamespace?.(binding) ?? null, binding, key);
}
