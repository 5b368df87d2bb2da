/** The short form of `npm run fuzz`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCampaign } from "./campaign.ts";

const campaign = await openCampaign();

test("1,500 hostile requests: no 5xx, no leak, and every accepted event arrives as it was sent", async () => {
  await campaign.run(1, 1_500);
  assert.deepEqual(campaign.problems, []);
});

test("the requests were of every kind", async () => {
  const { requests, callbacks, accepted, refused, calls, answered2xx } = campaign.sums;
  assert.ok(requests > 1_450 && callbacks > 500 && calls > 500, JSON.stringify(campaign.sums));
  assert.ok(accepted > 300 && refused > 100 && answered2xx > 100, JSON.stringify(campaign.sums));
  await campaign.close();
});
