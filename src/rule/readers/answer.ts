/** The values of answer rules: the answer's fields, and the words to mask. */
import { isObject, type Json } from "../json.ts";
import type { AnswerFields, Replacement } from "../rule.ts";
import { complete, type SettingPath } from "../setting-path.ts";
import {
  anyObject,
  choice,
  listOf,
  matching,
  plainText,
  type Reader,
  record,
  wholeNumber,
} from "./reader.ts";

/** The fields that Tencent reads in answers, all commands together. */
export const answer: Reader<AnswerFields> = record<unknown>("an answer", {
  ActionStatus: choice("OK", "FAIL"),
  ErrorCode: wholeNumber(0, 1_000_000),
  ErrorInfo: plainText,
  MsgBody: listOf(anyObject),
  CloudCustomData: plainText,
  RspData: plainText,
  RefusedMembers_Account: listOf(plainText),
  RefusedSubscribers_Account: listOf(plainText),
  ResultItem: listOf(anyObject),
});

const word = matching(/./su, "a word");

/** A list of words, or an object from word to mask. */
export const replacements: Reader<readonly Replacement[]> = {
  schema: {
    anyOf: [
      { type: "array", items: { type: "string", minLength: 1 }, minItems: 1 },
      { type: "object", additionalProperties: { type: "string" }, minProperties: 1 },
    ],
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
    return path.problem('expected a list of words, or an object such as {"word": "***"}');
  },
};
