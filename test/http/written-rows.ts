/** Rows that are written while a gateway is asked. */
import { until } from "../support/until.ts";

/** Deliveries and counters get a row within a second. Waits until none has come for longer, however often it is asked. */
export async function untilNoneIsWritten(rowsWritten: () => Promise<number>): Promise<void> {
  let rows = Number.NaN;
  let since = Number.NaN;
  await until("no row is written for 1.5 s", async () => {
    const written = await rowsWritten();
    if (written !== rows) since = performance.now();
    rows = written;
    return performance.now() - since > 1_500;
  });
}
