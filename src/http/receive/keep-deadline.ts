/** When it is too late to answer that an event is kept. Tencent waits 2 s for an answer. */

/** An event that is not durable within this time is answered 503. Milliseconds. */
export const keepWithinMs = 1_200;

/** Every callback is answered within this time. Milliseconds. */
const answerWithinMs = 1_800;

/** An event whose body took longer to read gets a timer of its own. Milliseconds. */
const slowBodyMs = 100;

/** Resolves when it is too late to answer OK. One timer serves reading the body and keeping the event. */
export function keepDeadline(): Promise<void> {
  return scheduler.wait(keepWithinMs);
}

/**
 * Resolves when it is too late to answer OK for an event whose body is read. A slow body has used up time of the 2 s.
 * @param deadline see `keepDeadline`, begun before the body was read
 */
export function tooLate(deadline: Promise<void>, receivedAt: number, now: number): Promise<void> {
  if (now - receivedAt < slowBodyMs) return deadline;
  return scheduler.wait(Math.max(0, Math.min(keepWithinMs, receivedAt + answerWithinMs - now)));
}
