/** Sends signed callbacks, as Tencent does. */
import { callbackUrl } from "../../src/cli/example.ts";

export const app = "1400000000";
export const callbackToken = "callback-token-of-the-tests";

export interface Callback {
  /** Goes as its platform, which lists and forwards show: it tells the callbacks of a test apart. */
  label: string;
  /** A group: what its events are ordered by. */
  group?: string;
  command?: string;
  /** Replaces the body that would make it a news of its own. */
  body?: string;
  /** Beside the content type. */
  headers?: Record<string, string>;
}

/** Answers the status; rejects when no answer comes. */
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
