/** Verdicts in words. */
import type { components } from "../client/index.js";
import type { Piece } from "./screen.ts";

type ShortVerdict = components["schemas"]["ShortVerdict"];

/** `allow`, `refuse 10016 (no-links)` */
export function shortVerdict({ code, rule }: Pick<ShortVerdict, "code" | "rule">): Piece {
  const by = rule === null ? "" : ` (${rule})`;
  return code === 0 ? `allow${by}` : { text: `refuse ${code}${by}`, style: "yellow" };
}

/** How a verdict came about, within a sentence. */
const ways: Readonly<Record<ShortVerdict["how"], string>> = {
  answered: "its backend answered",
  rule: "by itself",
  timeout: "its backend was too late",
  unreachable: "its backend could not be reached",
  status: "its backend answered with an error",
  breaker: "a backend had failed before and was not waited for",
  invalid: "its backend's answer was no verdict",
  default: "no rule decides",
};

/** `allowed by rule moderation, 34 ms: its backend answered` */
export function verdictSentence({ code, rule, ms, how }: ShortVerdict): Piece {
  const by = rule === null ? "" : ` by rule ${rule}`;
  const what = code === 0 ? "allowed" : `refused with ${code}`;
  const text = `${what}${by}, ${ms} ms: ${ways[how] ?? how}`;
  return code === 0 ? text : { text, style: "yellow" };
}
