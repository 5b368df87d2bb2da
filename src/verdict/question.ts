/** A callback whose answer decides something. */
import type { AnswerSpec } from "../callback/answer.ts";
import type { Body, Command } from "../callback/command.ts";
import type { Event, Phase } from "../callback/event.ts";

export interface Question {
  event: Event;
  /** The event's body. */
  body: Body;
  /** How the command wants to be answered. */
  answerSpec: AnswerSpec;
}

/** Commands that nobody has described: all others know 0, and most know 1. */
const undescribed: AnswerSpec = { codes: [0, 1], refusal: 1, note: "1 refuses, presumably.", fields: {} };

/** How a command wants to be answered; null if nobody reads the answer. */
export function answerSpecOf(command: Command | null, phase: Phase): AnswerSpec | null {
  if (command && (command.answer.refusal !== null || phase === "before")) return command.answer;
  return phase === "before" ? undescribed : null;
}
