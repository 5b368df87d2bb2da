/** Callbacks as Tencent sends them. */

import { callbackUrl } from "../../src/cli/example.ts";
import { signatureOf } from "../../src/cli/signature.ts";

export const app = "1400000000";
export const callbackToken = "callback-token-of-the-tests";

/** A recall in a group, which every test may send as often as it likes: its label makes it an event of its own. */
export interface Callback {
  /** Goes as `OptPlatform`, which lists and forwards show: it tells the callbacks of a test apart. */
  label: string;
  /** A group: its events are one conversation. */
  group?: string;
  command?: string;
  /** Replaces the body made of the label and the group. */
  body?: string;
  /** Beside the content type. */
  headers?: Readonly<Record<string, string>>;
}

/** Sends a callback, signed. Resolves with the status; rejects when no answer comes. */
export async function sendCallback(gateway: string, callback: Callback): Promise<number> {
  const { label, group = "@TGS#1", command = "Group.CallbackAfterRecallMsg" } = callback;
  const url = new URL(callbackUrl({ url: gateway, app, token: callbackToken }, command, Date.now()));
  url.searchParams.set("OptPlatform", label);
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...callback.headers },
    body: callback.body ?? bodyOf(command, group, label),
  });
  await response.arrayBuffer();
  return response.status;
}

export function bodyOf(command: string, group: string, label: string): string {
  return JSON.stringify({
    CallbackCommand: command,
    Operator_Account: "lan",
    Type: "Community",
    GroupId: group,
    MsgSeqList: [{ MsgSeq: 130, MsgId: label }],
    EventTime: "1670574414123",
  });
}

/** Callbacks labelled `a1`, `a2`, …, of one group. */
export function numbered(prefix: string, count: number, more: Omit<Callback, "label"> = {}): Callback[] {
  return Array.from({ length: count }, (_, index) => ({ label: `${prefix}${index + 1}`, ...more }));
}

/** Callbacks labelled `n0`, `n1`, …, each of a group of its own: with several shards, each gets some of them. */
export function ofManyGroups(count: number, prefix = "n"): Callback[] {
  return Array.from({ length: count }, (_, n) => ({ label: `${prefix}${n}`, group: `@TGS#${n}` }));
}

export function labelsOf(callbacks: readonly Callback[]): string[] {
  return callbacks.map(({ label }) => label);
}

/** Tencent's query, with a question mark; a parameter that is undefined is left out. */
export function queryOf(changes: Readonly<Record<string, string | undefined>>): string {
  const parameters = { SdkAppid: app, contenttype: "json", ...changes };
  const parts = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${encodeURIComponent(value)}`,
  );
  return `?${parts.join("&")}`;
}

/** `Sign` and `RequestTime` as of `offset` seconds from now. */
export function signed(token: string, offset = 0): { Sign: string; RequestTime: string } {
  const RequestTime = String(Math.floor(Date.now() / 1000) + offset);
  return { Sign: signatureOf(token, RequestTime), RequestTime };
}
