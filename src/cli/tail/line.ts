/** A line of the tail for people. */
import type { Event, TailLine } from "../../client/index.js";
import { timeOfDay, timeOrDay } from "../moment.ts";
import { bold, dim, harmless, type Piece, plain, stateOf } from "../screen.ts";
import { cutToWidth, widthOf } from "../table.ts";
import { verdictSentence } from "../verdict.ts";

/** Stands where an event has its time. */
const noTime = " ".repeat("14:00:03".length);

/** @param now Unix milliseconds: a delivery has just ended */
export function linePieces(line: TailLine, now: number): Piece[] {
  switch (line.type) {
    case "event":
      return eventPieces(line.event, now);
    case "verdict":
      return [noTime, "  ", dim(line.event), "  ", verdictSentence(line)];
    case "delivery": {
      const { event, destination, state, attempt } = line;
      const times = attempt > 1 ? `, attempt ${attempt}` : "";
      return [timeOfDay(now), "  ", dim(event), `  → ${destination} `, stateOf(state), times];
    }
    case "gap":
      return [
        {
          text: `${noTime}  ${line.missed} lines missed: they came faster than they were read`,
          style: "yellow",
        },
      ];
  }
}

function eventPieces({ id, command, conversation, from, receivedAt, state }: Event, now: number): Piece[] {
  const about = [conversation, from].filter((one) => one !== null).map((one) => `  ${one}`);
  // Live events have just begun.
  const standing: Piece[] = state === "pending" ? [] : ["  ", stateOf(state)];
  return [timeOrDay(receivedAt, now), "  ", id, "  ", bold(command), ...about, ...standing];
}

/** The beginning of a line that a terminal has room for. */
export function cutPieces(pieces: readonly Piece[], width: number): Piece[] {
  const shown: Piece[] = [];
  let room = width;
  for (const piece of pieces) {
    const text = harmless(plain(piece));
    const cut = cutToWidth(text, room);
    shown.push(typeof piece === "string" ? cut : { ...piece, text: cut });
    if (cut !== text) break;
    room -= widthOf(text);
  }
  return shown;
}
