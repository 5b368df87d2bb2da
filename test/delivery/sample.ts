/** A rule and an event to vary in tests. */
import type { Event } from "../../src/callback/event.ts";
import type { AddressOf } from "../../src/rule/address.ts";
import type { ForwardRule } from "../../src/rule/rule.ts";
import { selectionOf } from "../../src/rule/selection.ts";

/** The address of a server. @param written as the rule has it, where a secret stands in it */
export function httpsAddress(url: string, written = url): AddressOf<"https"> {
  return { kind: "https", url, written };
}

export function ruleWith(changes: Partial<ForwardRule> = {}): ForwardRule {
  return {
    kind: "forward",
    name: "audit",
    enabled: true,
    ...selectionOf(null, null),
    address: httpsAddress("https://audit.example.com/tim"),
    secrets: [],
    headers: {},
    timeoutMs: 10_000,
    retryMs: [5_000],
    order: "none",
    concurrency: 5,
    ratePerSecond: null,
    format: "event",
    callbackToken: null,
    template: null,
    succeeds: null,
    batch: null,
    ...changes,
  };
}

export function eventWith(changes: Partial<Event> = {}): Event {
  const body = changes.body ?? `{ "GroupId":"@TGS#2J4SZEAEL", "MsgSeq": 9007199254740993,\n "Text":"你好" }`;
  return {
    id: "evt_01m7w179t7007q2e91234567",
    command: "Group.CallbackAfterSendMsg",
    phase: "after",
    known: true,
    valid: true,
    quarantined: false,
    app: "1400000000",
    conversation: "group:@TGS#2J4SZEAEL",
    receivedAt: Date.UTC(2026, 10, 20, 8, 30, 0, 7),
    clientIp: "203.0.113.7",
    platform: "Android",
    query: "SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterSendMsg&contenttype=json",
    body,
    size: Buffer.byteLength(body),
    issues: [],
    ...changes,
  };
}
