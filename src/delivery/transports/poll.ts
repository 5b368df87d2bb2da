/** Events that their destination fetches: a poll takes them, and a later poll confirms them. */
import type { Event } from "../../callback/event.ts";
import { say } from "../../sentence.ts";
import { type Gateway, messageFor, type Recipient } from "../message.ts";
import type { Outcome } from "../outcome.ts";

/** The body that an event would be sent with, as text: numbers beyond 2^53 survive. */
export async function envelopeOf(to: Recipient, event: Event, now: number, from: Gateway): Promise<string> {
  return (await messageFor({ ...to, secrets: [] }, [event], now, from)).body;
}

/** The outcome of an event that a poll has confirmed. @param at when it was handed out, Unix milliseconds */
export function confirmed(at: number, now: number): Outcome {
  return { ...ended(at, now), status: 200, error: null, delivered: true, alive: true };
}

/** The outcome of a test that no poll has confirmed. */
export function unconfirmed(fetched: boolean, at: number, now: number): Outcome {
  const error = fetched
    ? say`a poll has fetched it, and none has confirmed it`
    : say`no poll has come for it`;
  return { ...ended(at, now), status: null, error, delivered: false, alive: false };
}

function ended(at: number, now: number): Pick<Outcome, "at" | "ms" | "response" | "gone" | "holdMs"> {
  return { at, ms: Math.max(0, now - at), response: null, gone: false, holdMs: null };
}
