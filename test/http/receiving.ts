/** Callbacks that are sent to a gateway, and the events that it keeps of them. */
import type { Answer, Client } from "../support/client.ts";

export const recall = "Group.CallbackAfterRecallMsg";
export const before = "Group.CallbackBeforeSendMsg";

export const unsigned = { Sign: undefined, RequestTime: undefined };

let groups = 0;

/** A body of a recall that no other test has sent. */
export function recalled(more: object = {}): { GroupId: string; MsgSeqList: object[] } {
  return { GroupId: `@TGS#${++groups}`, MsgSeqList: [{ MsgSeq: 130 }], ...more };
}

/** How many events are kept: of a conversation, or in all. */
export async function kept(gateway: Client, conversation?: string): Promise<number> {
  return (await gateway.allEvents({ conversation })).length;
}

/** The answer to a request that is made otherwise than by `send`. */
export async function answerOf(request: Promise<Response>): Promise<Answer> {
  const response = await request;
  return { status: response.status, text: await response.text() };
}
