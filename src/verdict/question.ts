/** A callback whose answer decides something, as rules get it. */
import type { AnswerSpec } from "../callback/answer.ts";
import type { Command } from "../callback/command.ts";
import type { Event, Phase } from "../callback/event.ts";
import type { Body } from "../callback/json.ts";

export interface Question {
  event: Event;
  /** The event's body. */
  body: Body;
  /** The answer that the command expects. */
  answerSpec: AnswerSpec;
}

/** The answer of an unknown before-callback: 0 allows in all known commands, and 1 refuses in most. */
const undescribed: AnswerSpec = { codes: [0, 1], refusal: 1, note: "1 refuses, presumably.", fields: {} };

/** The answer that a command expects; null if Tencent ignores it. */
export function answerSpecOf(command: Command | null, phase: Phase): AnswerSpec | null {
  if (command && (command.answer.refusal !== null || phase === "before")) return command.answer;
  return phase === "before" ? undescribed : null;
}
