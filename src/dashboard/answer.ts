/** A part of the page asks the gateway for something, shows the answer, and asks again. */
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, type Client } from "../client/index.js";
import { session, signOut } from "./session.ts";

export interface Answer<Value> {
  /** The last one; it stays while a later request fails. */
  value: Value | null;
  /** Why the last request failed. */
  failure: ApiError | null;
  /** Asks again now. */
  again(): void;
}

interface Options {
  /** Milliseconds from an answer to the next request. Not while the page is hidden. Absent: once. */
  every?: number;
  /** The request is another one when one of these changes. */
  for?: readonly unknown[];
}

export function useAnswer<Value>(
  ask: (relay: Client, signal: AbortSignal) => Promise<Value>,
  { every, for: needs = [] }: Options = {},
): Answer<Value> {
  const [shown, show] = useState<Omit<Answer<Value>, "again">>({ value: null, failure: null });
  const again = useRef(() => {});
  const current = session.value;
  const relay = current.state === "signed in" ? current.relay : null;

  useEffect(() => {
    if (relay === null) return;
    const ending = new AbortController();
    let timer = 0;
    let asks = 0;
    const run = async () => {
      clearTimeout(timer);
      const turn = ++asks;
      try {
        const value = await ask(relay, ending.signal);
        if (turn === asks && !ending.signal.aborted) show({ value, failure: null });
      } catch (error) {
        if (ending.signal.aborted || turn !== asks) return;
        const failure = failureOf(error);
        if (failure.status === 401) return signOut(failure);
        show(({ value }) => ({ value, failure }));
      }
      if (every !== undefined && !ending.signal.aborted && !document.hidden) timer = setTimeout(run, every);
    };
    const seen = () => {
      if (!document.hidden && every !== undefined) run();
    };
    show({ value: null, failure: null });
    again.current = run;
    run();
    document.addEventListener("visibilitychange", seen);
    return () => {
      ending.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [relay, every, ...needs]);

  return { ...shown, again: () => again.current() };
}

export function failureOf(error: unknown): ApiError {
  return error instanceof ApiError
    ? error
    : new ApiError("failed", error instanceof Error ? error.message : String(error));
}
