/** Calls of one shard to another: a shard that hangs must hold up neither an operator's call nor an alarm. */
import { answerInTime, type Timer } from "../../in-time.ts";

/** A call is not waited for any longer: an alarm repeats it. Milliseconds. */
const answerWithinMs = 1_500;

/** Rejects if the answer does not come in time. It may come later all the same: calls can be repeated. */
export function inTime<Answer>(call: Promise<Answer>, timer: Timer): Promise<Answer> {
  return answerInTime(call, answerWithinMs, timer);
}
