/** The callbacks that the measurements send: a group message, the command that chats have most of. */
import { randomInt } from "node:crypto";
import { signatureOf } from "../../src/cli/signature.ts";

export const app = "1400000000";
export const token = "bench-callback-token";

/** Groups that messages are spread over. */
const groups = 100;

/** `Group.CallbackAfterSendMsg` is news; the answer to `Group.CallbackBeforeSendMsg` decides. */
export type Kind = "AfterSendMsg" | "BeforeSendMsg";

/** A signed query. Signatures hold for a minute. */
export function queryOf(kind: Kind, nowMs: number): string {
  const requestTime = String(Math.floor(nowMs / 1000));
  return `?SdkAppid=${app}&CallbackCommand=Group.Callback${kind}&contenttype=json&ClientIP=203.0.113.7&OptPlatform=Android&Sign=${signatureOf(token, requestTime)}&RequestTime=${requestTime}`;
}

/**
 * Makes bodies of one size, no two of them alike, each with the time of its making as `EventTime`.
 * @param bytes at least 300 or so, the size of the fields
 */
export function bodies(kind: Kind, bytes: number): (nowMs: number) => string {
  const random = randomInt(2 ** 31);
  let seq = 0;
  const body = (text: string, nowMs: number) =>
    JSON.stringify({
      CallbackCommand: `Group.Callback${kind}`,
      GroupId: `@TGS#BENCH${seq % groups}`,
      Type: "Public",
      From_Account: "minh",
      Random: random,
      ...(kind === "AfterSendMsg" && { MsgSeq: seq }),
      MsgTime: Math.floor(nowMs / 1000),
      MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: text } }],
      EventTime: nowMs,
    });
  const text = "x".repeat(Math.max(1, bytes - body("", Date.now()).length - 4));
  return (nowMs) => {
    seq++;
    return body(text, nowMs);
  };
}

/** When a forwarded body was made. */
export function madeAt(forwarded: string): number {
  const at = forwarded.lastIndexOf('"EventTime":');
  return Number.parseInt(forwarded.slice(at + '"EventTime":'.length), 10);
}
