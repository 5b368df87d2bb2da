/** `312 events, 5 min`: how far a destination is behind. It moves on by itself. */
import type { Destination } from "../../client/index.js";
import { count, duration } from "../figures.ts";
import { texts } from "../language.ts";
import { now } from "../now.ts";
import { lagOf } from "./lag.ts";

const text = texts({
  en: {
    none: "nothing waits",
    events: (n: string) => (n === "1" ? "1 event" : `${n} events`),
    about: (n: string) => `about ${n}`,
    retrying: (n: string) => `${n} retrying`,
  },
  zh: {
    none: "无积压",
    events: (n) => `${n} 个事件`,
    about: (n) => `约 ${n}`,
    retrying: (n) => `${n} 个重试中`,
  },
});

export function LagOf({ destination }: { destination: Destination }) {
  const { none, events, about, retrying } = text.value;
  const lag = lagOf(destination, now.value);
  if (lag.events + destination.retrying === 0) return <span class="soft">{none}</span>;
  const shown = events(count(lag.events));
  const parts = [
    lag.events > 0 ? (lag.estimated ? about(shown) : shown) : "",
    lag.ms === null ? "" : duration(Math.max(1_000, lag.ms)),
    destination.retrying > 0 ? retrying(count(destination.retrying)) : "",
  ];
  return (
    <span class={lag.late ? "late" : undefined} title={destination.waitingSince ?? undefined}>
      {parts.filter(Boolean).join(" · ")}
    </span>
  );
}
