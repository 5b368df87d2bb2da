/** The time, for moments that are shown as `12 s ago`. It stands still while the page is hidden. */
import { signal } from "@preact/signals";

/** Unix milliseconds, a second old at most. */
export const now = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1_000);
