/** The fields of an answer. */

import { say } from "../../sentence.ts";
import type { AnswerFields } from "../rule.ts";
import { anyObject, choice, listOf, plainText, type Reader, record, wholeNumber } from "./reader.ts";

/** The fields that Tencent reads in answers, all commands together. */
export const answer: Reader<AnswerFields> = record<unknown>(say`an answer`, {
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
