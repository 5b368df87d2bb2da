/** A moment in the reader's own time zone, UTC on hover. */
import { useComputed } from "@preact/signals";
import { clock, duration } from "../figures.ts";
import { texts } from "../language.ts";
import { now } from "../now.ts";

const text = texts({
  en: { ago: (length: string) => `${length} ago`, in: (length: string) => `in ${length}` },
  zh: { ago: (length) => `${length}前`, in: (length) => `${length}后` },
});

/** @param props.at ISO 8601, UTC */
export function Time({ at }: { at: string }) {
  return (
    <time dateTime={at} title={at}>
      {clock(new Date(at))}
    </time>
  );
}

/** `12 s ago`, and the moment on hover. It moves on by itself. */
export function Ago({ at }: { at: string }) {
  const length = useComputed(() => {
    const ms = now.value - Date.parse(at);
    const shown = duration(Math.max(1, Math.round(Math.abs(ms) / 1_000)) * 1_000);
    return ms >= 0 ? text.value.ago(shown) : text.value.in(shown);
  });
  return (
    <time dateTime={at} title={at}>
      {length}
    </time>
  );
}
