/** An exchange as a line for people. */

import { parseExactly } from "../../verdict/exact-json.ts";
import { timeOfDay, tookOf } from "../moment.ts";
import { bold, dim, type Piece } from "../screen.ts";
import type { Exchange } from "./answerer.ts";

/** @param now Unix milliseconds: the exchange has just ended. @param again it was repeated, and the gateway hears nothing */
export function exchangePieces(exchange: Exchange, now: number, again = false): Piece[] {
  const { id, kind, command, status, ms, error } = exchange;
  const wellDone = status !== null && status < 300;
  const end: Piece = wellDone
    ? { text: String(status), style: "green" }
    : { text: error ?? String(status), style: "red" };
  return [
    `${timeOfDay(now)}  `,
    id,
    "  ",
    bold(command),
    kind === "ask" ? "  asks " : "  ",
    "→ ",
    end,
    ...(kind === "ask" && wellDone ? [" ", verdictIn(exchange.response)] : []),
    dim(`  ${tookOf(ms)}`),
    ...(again ? [dim("  repeated")] : []),
  ];
}

/** The verdict that the gateway will read in an answer. */
function verdictIn(response: string | null): Piece {
  try {
    const { ErrorCode: code } = parseExactly(response ?? "") as { ErrorCode?: unknown };
    if (code === 0) return "allow";
    if (typeof code === "number") return { text: `refuse ${code}`, style: "yellow" };
  } catch {
    // It is told below.
  }
  return { text: "no verdict", style: "red" };
}
