/** The colour of each state: one everywhere. */

export type Tone = "ok" | "busy" | "warn" | "bad" | "odd" | "off";

const tones: Readonly<Record<string, Tone>> = {
  // Of events and deliveries.
  delivered: "ok",
  pending: "busy",
  retrying: "warn",
  dead: "bad",
  quarantined: "odd",
  // Of destinations.
  up: "ok",
  failing: "warn",
  open: "bad",
  paused: "warn",
  disabled: "off",
  listener: "warn",
  poller: "warn",
  // Of rules.
  on: "ok",
  off: "off",
  wrong: "bad",
  // Of replays.
  running: "busy",
  done: "ok",
  cancelled: "off",
  // Of the gateway.
  ok: "ok",
  degraded: "warn",
};

export function toneOf(state: string): Tone {
  return tones[state] ?? "off";
}
