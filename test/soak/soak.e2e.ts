/** The short form of `npm run soak`: one of each fault within twenty seconds, and all books. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { todaysBuild } from "../support/gateway.ts";
import { givenSeed, times } from "../support/repetition.ts";
import { chart } from "./chart.ts";
import { faultKinds } from "./faults.ts";
import { soak } from "./run.ts";
import { sparklines } from "./series.ts";

const seed = givenSeed ?? 1;
const seconds = 20 * times;

/** The program is ended by signals, which Windows does not have. */
const skip = process.platform === "win32" && "the gateway is stopped by signals here";

test(`under load and one of each fault, nothing acknowledged is lost or out of order (seed ${seed})`, {
  skip,
  timeout: 400_000,
}, async (t) => {
  await todaysBuild;
  const report = await soak({ seed, seconds, perSecond: 50, interval: 1 }, (line) => t.diagnostic(line));
  const again = `SEED=${seed} npx node --test test/soak/soak.e2e.ts; the evidence is in ${report.evidence}`;
  assert.deepEqual(report.problems, [], again);

  const { balance, sums, marks } = report;
  t.diagnostic(JSON.stringify({ ...balance, ...sums }));
  assert.deepEqual([...new Set(marks.map(({ kind }) => kind))].sort(), [...faultKinds].sort());
  // A run in which little happens would prove little.
  const { sent, acknowledged, verdicts } = sums.sender;
  assert.ok(sent >= 50 * seconds, `${sent} callbacks were sent`);
  assert.ok(acknowledged > 0 && balance.kept >= acknowledged && verdicts > 0, JSON.stringify(sums));
  assert.ok(sums.receivers.failed > 0 && sums.receivers.verified > balance.kept, JSON.stringify(sums));
  assert.ok(sums.restarts >= 4, `${sums.restarts} restarts`);

  assert.match(sparklines(report), /^memory.*\n.*\nlag p50.*█/ms);
  const drawn = chart(report, "a test");
  assert.match(drawn, /^<svg .*<\/svg>\n$/s);
  assert.ok(drawn.length < 60_000, `${drawn.length} bytes`);
});
