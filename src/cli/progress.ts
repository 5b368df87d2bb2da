/** Tells on stderr that a program is at work, where it would be silent for seconds. */

const everyMs = 1_000;

/** Names the work at once, in a terminal with the time so far, and at the end with its time. */
export async function withProgress<Result>(what: string, work: Promise<Result>): Promise<Result> {
  const start = performance.now();
  const seconds = () => ((performance.now() - start) / 1_000).toFixed(1);
  const inTerminal = process.stderr.isTTY;
  const write = (text: string) => process.stderr.write(inTerminal ? `\r${text}` : `${text}\n`);
  write(`${what} …`);
  const ticking = inTerminal
    ? setInterval(() => write(`${what} … ${Math.round(Number(seconds()))} s`), everyMs)
    : undefined;
  try {
    const result = await work;
    write(`${what} took ${seconds()} s${inTerminal ? "\n" : ""}`);
    return result;
  } catch (error) {
    if (inTerminal) write("\n");
    throw error;
  } finally {
    clearInterval(ticking);
  }
}
