/** Ctrl-C: a program ends with 130, at the beginning of a line, and says which work goes on. */
import { remark } from "./screen.ts";

/** 128 and the number of SIGINT, as shells count. */
export const interruptedCode = 130;

let goingOn: string | null = null;

/** Does something that goes on elsewhere when Ctrl-C ends the program. @param sentence says so */
export async function goesOn<Result>(sentence: string, act: () => Promise<Result>): Promise<Result> {
  goingOn = sentence;
  try {
    return await act();
  } finally {
    goingOn = null;
  }
}

/** Has Ctrl-C end the program at once. */
export function endOnInterrupt(): void {
  process.on("SIGINT", endAtOnce);
}

/** Leaves Ctrl-C to a program that has something to finish. */
export function keepOnInterrupt(): void {
  process.off("SIGINT", endAtOnce);
}

function endAtOnce(): never {
  leaveLine();
  if (goingOn !== null) remark(goingOn);
  process.exit(interruptedCode);
}

/** The terminal has shown `^C` at the cursor. */
export function leaveLine(): void {
  if (process.stderr.isTTY) console.error();
}
