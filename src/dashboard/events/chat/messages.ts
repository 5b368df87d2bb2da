/** A conversation as its members saw it, made of the events that tell of it. */
import { stepOf } from "../../../callback/step.ts";
import type { EventDetail } from "../../../client/index.js";

type Fields = Readonly<Record<string, unknown>>;

/** An element of a message: its text, or the type and the name of another element. */
export interface Element {
  type: string;
  text: string;
}

/** A change that an event made to a message. */
export interface Change {
  event: string;
  at: string;
  /** The account that did it. */
  by: string | null;
}

export interface Message {
  /** The event that holds it: that of its sending, if there is one. */
  event: string;
  /** All events that tell of it. */
  events: readonly string[];
  at: string;
  from: string | null;
  /** Null where the token may not see it, or where no event of the list holds it. */
  elements: readonly Element[] | null;
  /** The verdict, if the gateway was asked. */
  verdict: EventDetail["verdict"];
  /** Whether Tencent has told that it was sent. */
  isSent: boolean;
  /** Why Tencent did not deliver it. */
  failure: string | null;
  /** Its former elements, oldest first. */
  edits: readonly (Change & { elements: readonly Element[] | null })[];
  recalled: Change | null;
  /** How many members have read it. */
  reads: number;
}

/** A line of a conversation: a message, or an event that tells of none: a member joined, a name changed. */
export type Line = { kind: "message"; message: Message } | { kind: "event"; event: EventDetail };

/** @param events of one conversation, oldest first */
export function conversationOf(events: readonly EventDetail[]): Line[] {
  const lines: Line[] = [];
  const known = new Map<string, Message>();
  for (const event of events) {
    const step = stepOf(event.command);
    const isMessage = step !== "" && (step !== "asked" || /SendMsg$/.test(event.command));
    const names = namesOf(event);
    if (!isMessage || names.length === 0) {
      lines.push({ kind: "event", event });
      continue;
    }
    for (const group of names) {
      const found = group.map((name) => known.get(name)).find((message) => message !== undefined);
      // A message may be older than the list: its recall still names it.
      const message = found ?? unsaid(event);
      if (!found) lines.push({ kind: "message", message });
      apply(message, event, step, group);
      for (const name of group) known.set(name, message);
    }
  }
  return lines;
}

function unsaid({ id, receivedAt }: EventDetail): Message {
  return {
    event: id,
    events: [],
    at: receivedAt,
    from: null,
    elements: null,
    verdict: null,
    isSent: false,
    failure: null,
    edits: [],
    recalled: null,
    reads: 0,
  };
}

function apply(message: Message, event: EventDetail, step: string, names: readonly string[]): void {
  const body: Fields = event.body ?? {};
  const by = nameOf(body.Operator_Account) ?? nameOf(body.From_Account) ?? null;
  message.events = [...message.events, event.id];
  const change: Change = { event: event.id, at: event.receivedAt, by };
  switch (step) {
    case "asked":
    case "sent":
    case "failed":
      message.from = nameOf(body.From_Account) ?? nameOf(body.Official_Account) ?? message.from;
      message.elements = elementsOf(body.MsgBody) ?? message.elements;
      message.verdict = event.verdict ?? message.verdict;
      if (step === "sent") {
        message.isSent = true;
        message.event = event.id;
      }
      if (step === "failed")
        message.failure = `${String(body.ErrorInfo ?? "")} (${String(body.ErrorCode ?? "?")})`;
      break;
    case "edited":
      message.edits = [...message.edits, { ...change, elements: message.elements }];
      message.elements = elementsOf(body.MsgBody) ?? message.elements;
      break;
    case "recalled":
      message.recalled = change;
      break;
    case "read":
      message.reads = readsOf(body, names) ?? message.reads + 1;
  }
}

/** The lists in which one event names several messages. */
const lists = ["MsgSeqList", "WithdrawMsgList", "GroupMsgReceiptList", "C2CMsgInfo"];

/**
 * The messages that an event tells of, each by all its names: Tencent asks about a group message by its random number,
 * and names it by its sequence number from then on.
 */
function namesOf({ body }: EventDetail): string[][] {
  if (body === undefined) return [];
  const listed = lists.flatMap((field) => {
    const items = (body as Fields)[field];
    return Array.isArray(items) ? items : [];
  });
  return [body, ...listed].map(namesOfOne).filter((names) => names.length > 0);
}

function namesOfOne(part: Fields | null): string[] {
  const { MsgKey, MsgSeq, Random, From_Account } = part ?? {};
  const [key, seq, random] = [nameOf(MsgKey), nameOf(MsgSeq), nameOf(Random)];
  // One-to-one messages have a key and a number, and the number alone names none.
  return [
    ...(key !== null ? [`key ${key}`] : seq !== null ? [`seq ${seq}`] : []),
    ...(random !== null ? [`random ${random} of ${nameOf(From_Account)}`] : []),
  ];
}

/** Accounts and numbers are texts or numbers, whole numbers beyond 2^53 among them. */
function nameOf(value: unknown): string | null {
  const isName = typeof value === "string" || typeof value === "number" || typeof value === "bigint";
  return isName && value !== "" ? String(value) : null;
}

/** A receipt of a group tells how many members have read the message. */
function readsOf(body: Fields, names: readonly string[]): number | null {
  const receipts = Array.isArray(body.GroupMsgReceiptList) ? body.GroupMsgReceiptList : [];
  const own = receipts.find((receipt: Fields | null) => names.includes(`seq ${nameOf(receipt?.MsgSeq)}`));
  return typeof own?.ReadNum === "number" ? own.ReadNum : null;
}

/** The fields with the content of an element, the likeliest first. */
const contents = ["Text", "FileName", "Title", "CompatibleText", "Desc", "Data"];

function elementsOf(message: unknown): Element[] | null {
  if (!Array.isArray(message)) return null;
  return message.map((element: Fields | null) => {
    const content = (element?.MsgContent ?? {}) as Fields;
    const text = contents
      .map((field) => content[field])
      .find((value) => typeof value === "string" && value !== "");
    return { type: String(element?.MsgType ?? "?"), text: typeof text === "string" ? text : "" };
  });
}
