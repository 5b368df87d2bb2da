/** Calls of one shard to another: a shard that hangs must hold up neither an operator's call nor an alarm. */
import type { Clock } from "../clock.ts";

/** A call is not waited for any longer: an alarm repeats it. Milliseconds. */
const answerWithinMs = 1_500;

/** Rejects if the answer does not come in time. It may come later all the same: calls can be repeated. */
export async function inTime<Answer>(call: Promise<Answer>, clock: Pick<Clock, "after">): Promise<Answer> {
  const late = Promise.withResolvers<never>();
  const calledOff = clock.after(answerWithinMs, () =>
    late.reject(new Error(`no answer within ${answerWithinMs} ms`)),
  );
  return Promise.race([call, late.promise]).finally(calledOff);
}
