/** Waits for work, but not for long. The work goes on all the same. */

/** Runs a function once, after so many milliseconds; the answer calls it off. */
export interface Timer {
  after(ms: number, run: () => void): () => void;
}

export const systemTimer: Timer = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** The result of the work, or that of `late` where the work takes longer. Milliseconds. */
export function inTime<Result, Late>(
  work: Promise<Result>,
  ms: number,
  late: () => Late | Promise<Late>,
  timer = systemTimer,
): Promise<Result | Late> {
  return new Promise((resolve, reject) => {
    const callOff = timer.after(ms, () => resolve(late()));
    work.then(
      (result) => {
        callOff();
        resolve(result);
      },
      (error) => {
        callOff();
        reject(error);
      },
    );
  });
}

/** The answer of a call. Rejects where it takes longer. Milliseconds. */
export function answerInTime<Answer>(
  call: Promise<Answer>,
  ms: number,
  timer = systemTimer,
): Promise<Answer> {
  return inTime(call, ms, () => Promise.reject<Answer>(new Error(`no answer within ${ms} ms`)), timer);
}
