/** A transport: a way of carrying messages to one kind of address. */
import type { AddressKind, AddressOf } from "../../rule/address.ts";
import type { Exchanged, FramedRequest } from "../frame.ts";
import type { Message } from "../message.ts";
import type { Outcome } from "../outcome.ts";

/** Hands requests to listeners. */
export interface ListenerHost {
  exchange(rule: string, request: FramedRequest): Promise<Exchanged>;
}

/** The surroundings of an attempt. */
export interface Attempt {
  /** The start, Unix milliseconds. */
  at: number;
  /** The clock, Unix milliseconds. */
  now(): number;
  /** Aborted when the time is up. */
  signal: AbortSignal;
  /** Secrets that are masked in the outcome, in case the receiver echoes them. */
  secrets: readonly string[];
  /** The environment, which holds the bindings. */
  env: object;
  fetcher: typeof fetch;
  /** The response is a verdict: there is no later attempt. */
  asks?: boolean;
  /** Where listeners are connected. Absent: none can be reached. */
  listeners?: ListenerHost | undefined;
}

/** A message to an address of this kind. */
export type MessageTo<Kind extends AddressKind> = Message & { address: AddressOf<Kind> };

/** Makes one attempt. Rejects where there is no answer: as `fetch` does, or with a `NoAnswer`. */
export type Transport<Kind extends AddressKind> = (
  message: MessageTo<Kind>,
  attempt: Attempt,
) => Promise<Outcome>;

/** The same for a receiver that answers with a response, which may also be a verdict. It is read by the caller. */
export type Call<Kind extends AddressKind> = (
  message: MessageTo<Kind>,
  attempt: Attempt,
) => Promise<Response>;
