/** A part of the page asks the gateway for something, shows the answer, and asks again. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiError, Client } from "../client/index.js";
import { failureOf } from "./failure.ts";
import { session, signOut } from "./session.ts";
import { isSilence, useSilence } from "./silence.ts";

/** A request that got no answer is repeated, also where one answer is enough. Milliseconds. */
const silentMs = 5_000;

export interface Answer<Value> {
  /** The last one; it stays while a later request fails. */
  value: Value | null;
  /** Why the last request failed. */
  failure: ApiError | null;
  /** Asks again now. */
  again(): void;
}

interface Options<Value> {
  /**
   * Milliseconds from an answer to the next request; a function is given the last answer. Not while the page is hidden.
   * Absent: once.
   */
  every?: number | ((value: Value | null) => number);
  /** The request is another one when one of these changes. */
  for?: readonly unknown[];
}

export function useAnswer<Value>(
  ask: (relay: Client, signal: AbortSignal) => Promise<Value>,
  { every, for: needs = [] }: Options<Value> = {},
): Answer<Value> {
  const [shown, show] = useState<Omit<Answer<Value>, "again">>({ value: null, failure: null });
  const again = useRef(() => {});
  const pace = useRef(every);
  pace.current = every;
  const current = session.value;
  const relay = current.state === "signed in" ? current.relay : null;

  useEffect(() => {
    if (relay === null) return;
    const ending = new AbortController();
    let timer = 0;
    let asks = 0;
    let last: Value | null = null;
    let isDue = pace.current !== undefined;
    const run = async () => {
      clearTimeout(timer);
      const turn = ++asks;
      let silence: number | undefined;
      try {
        const value = await ask(relay, ending.signal);
        if (turn !== asks || ending.signal.aborted) return;
        last = value;
        show({ value, failure: null });
      } catch (error) {
        if (ending.signal.aborted || turn !== asks) return;
        const failure = failureOf(error);
        if (failure.status === 401) return signOut(failure);
        if (isSilence(failure)) silence = silentMs;
        show(({ value }) => ({ value, failure }));
      }
      const wait = (typeof pace.current === "function" ? pace.current(last) : pace.current) ?? silence;
      isDue = wait !== undefined;
      if (isDue && !document.hidden) timer = setTimeout(run, wait);
    };
    const seen = () => {
      if (!document.hidden && isDue) run();
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
  }, [relay, ...needs]);

  const askAgain = () => again.current();
  useSilence(shown.failure, askAgain);
  return { ...shown, again: askAgain };
}
