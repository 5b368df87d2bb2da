/**
 * Lines of the tail as JSON texts, and the frames that hold them:
 *
 *     [{"type":"event","event":{"id":"evt_01kanj…","command":"Group.CallbackAfterRecallMsg",…}},
 *      {"type":"verdict","event":"evt_01kanj…","rule":"no-links","code":1,"ms":0,"how":"rule"},
 *      {"type":"delivery","event":"evt_01kanj…","destination":"audit","state":"delivered","attempt":1},
 *      {"type":"gap","missed":120}]
 */
import type { EventState } from "../query/filter.ts";
import { type Listed, listedJson } from "../query/listed.ts";

/** Lines that stay together: an event and its verdict, or a delivery. */
export interface Lines {
  /** JSON, with commas between. */
  text: string;
  count: number;
}

/** A frame, at most; one with a single longer line is longer. Characters. */
export const longestFrame = 32_768;

export interface Frame {
  text: string;
  /** Its lines. */
  count: number;
  /** Its items of the list that it was made of. */
  items: number;
  bytes: number;
}

export function eventLines(listed: Listed): Lines {
  const { id, verdict } = listed.event;
  const event = JSON.stringify({ type: "event", event: listedJson(listed) });
  if (!verdict) return { text: event, count: 1 };
  const { rule, code, ms, how } = verdict;
  return {
    text: `${event},${JSON.stringify({ type: "verdict", event: id, rule, code, ms, how })}`,
    count: 2,
  };
}

export function deliveryLine(event: string, destination: string, state: EventState, attempt: number): Lines {
  return { text: JSON.stringify({ type: "delivery", event, destination, state, attempt }), count: 1 };
}

/** Tells a viewer how many lines it was not sent. */
export function gapFrame(missed: number): Frame {
  return frameOf([{ text: JSON.stringify({ type: "gap", missed }), count: 1 }]);
}

export function framesOf(items: readonly Lines[]): Frame[] {
  const frames: Frame[] = [];
  let held: Lines[] = [];
  let length = 0;
  for (const item of items) {
    if (held.length > 0 && length + item.text.length > longestFrame) {
      frames.push(frameOf(held));
      held = [];
      length = 0;
    }
    held.push(item);
    length += item.text.length + 1;
  }
  if (held.length > 0) frames.push(frameOf(held));
  return frames;
}

const encoder = new TextEncoder();

function frameOf(items: readonly Lines[]): Frame {
  const text = `[${items.map((item) => item.text).join(",")}]`;
  const count = items.reduce((sum, item) => sum + item.count, 0);
  return { text, count, items: items.length, bytes: encoder.encode(text).length };
}
