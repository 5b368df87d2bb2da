import assert from "node:assert/strict";
import { test } from "node:test";
import { transportCosts } from "./transports.ts";

test("each transport is priced by what it does: three operations a message, a write for 10,000 events", async () => {
  const costs = new Map((await transportCosts()).map((one) => [one.transport, one]));
  assert.equal(costs.get("`https://…`")!.dollars, 0);
  assert.ok(Math.abs(costs.get("`queue:`")!.dollars - 1.2) < 1e-9);
  const archive = costs.get("`r2:`")!;
  assert.ok(Math.abs(archive.dollars - 100 * 4.5e-6) < 1e-9, `${archive.dollars}`);
  assert.match(archive.how, /^100 objects written; kept, 0\.\d\d GB for \$0\.0\d+ a month$/);
});
