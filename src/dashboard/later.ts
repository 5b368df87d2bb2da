/** A question that follows the typing of a person: it is asked when the typing rests, and its last answer stays. */
import { useEffect, useState } from "preact/hooks";
import type { ApiError, Client } from "../client/index.js";
import { failureOf } from "./failure.ts";
import { session, signOut } from "./session.ts";

export interface Later<Value> {
  /** The last answer; it stays while a newer one is waited for. */
  value: Value | null;
  failure: ApiError | null;
  /** Whether `value` or `failure` is of an older question. */
  isOld: boolean;
}

/**
 * @param question the question as a text, to tell one from another; null: nothing can be asked now
 * @param restMs how long the question must have stayed the same
 */
export function useLater<Value>(
  question: string | null,
  restMs: number,
  ask: (relay: Client, signal: AbortSignal) => Promise<Value>,
): Later<Value> {
  const [shown, show] = useState<Omit<Later<Value>, "isOld"> & { of: string | null }>({
    value: null,
    failure: null,
    of: null,
  });
  const current = session.value;
  const relay = current.state === "signed in" ? current.relay : null;

  useEffect(() => {
    if (question === null || relay === null) return;
    const ending = new AbortController();
    const run = async () => {
      try {
        const value = await ask(relay, ending.signal);
        if (!ending.signal.aborted) show({ value, failure: null, of: question });
      } catch (error) {
        if (ending.signal.aborted) return;
        const failure = failureOf(error);
        if (failure.status === 401) return signOut(failure);
        show(({ value }) => ({ value, failure, of: question }));
      }
    };
    const timer = setTimeout(run, restMs);
    return () => {
      ending.abort();
      clearTimeout(timer);
    };
  }, [relay, question, restMs]);

  return { value: shown.value, failure: shown.failure, isOld: shown.of !== question };
}
