/** What has not happened by then will not happen, however slow the machine is. Milliseconds. */
const longestMs = 60_000;

/**
 * Looks again and again until `look` finds something, and returns that. Rejects at once if `look` throws, and with a
 * sentence if nothing is found in time.
 * @param condition for that sentence: "the breaker is open"
 */
export async function until<Found>(
  condition: string,
  look: () => Promise<Found | false | undefined> | Found | false | undefined,
  withinMs = longestMs,
): Promise<Found> {
  const start = performance.now();
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    const waited = performance.now() - start;
    if (waited > withinMs) throw new Error(`not within ${withinMs} ms: ${condition}`);
    // A look may cost a request: the longer it has waited, the less often it looks.
    await new Promise((resolve) => setTimeout(resolve, Math.min(Math.max(waited / 10, 5), 100)));
  }
}
