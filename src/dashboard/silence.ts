/** The requests of the page that the gateway leaves unanswered. The frame tells of all of them in one sentence. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ApiError } from "../client/index.js";

interface Unanswered {
  failure: ApiError;
  /** Asks again now. */
  again(): void;
}

export const unanswered = signal<readonly Unanswered[]>([]);

/** The gateway does not answer, or something else answers in its place. */
const codes = ["unreachable", "timeout", "not_the_api"];

export function isSilence(failure: ApiError | null): boolean {
  return failure !== null && codes.includes(failure.code);
}

/** Counts a request among the unanswered ones while its last failure is silence. */
export function useSilence(failure: ApiError | null, again: () => void): void {
  useEffect(() => {
    if (failure === null || !isSilence(failure)) return;
    const one = { failure, again };
    unanswered.value = [...unanswered.value, one];
    return () => {
      unanswered.value = unanswered.value.filter((other) => other !== one);
    };
  }, [failure]);
}
