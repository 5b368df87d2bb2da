/** ALLOW_FROM on plain workerd, where the platform vouches for no address. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startGateway } from "../support/gateway.ts";

const gateway = await startGateway();

test("ALLOW_FROM lets in the callers of a trusted proxy alone", async () => {
  const statusOf = async (settings: { TRUSTED_PROXY?: string }, headers: Record<string, string>) => {
    await gateway.restart({ ALLOW_FROM: "203.0.113.0/24, 127.0.0.0/8", ...settings });
    const callback = { Info: { Action: "Login", To_Account: "lan", Reason: "Register" }, EventTime: 1 };
    const { status } = await gateway.send("State.StateChange", callback, { headers });
    const letsNobodyIn = (await gateway.problems()).some((one) => one.includes("ALLOW_FROM lets nobody in"));
    assert.equal(letsNobodyIn, settings.TRUSTED_PROXY === undefined);
    return status;
  };
  const proxy = { TRUSTED_PROXY: "127.0.0.1 x-real-ip" };
  assert.equal(await statusOf({}, { "cf-connecting-ip": "203.0.113.7" }), 403);
  assert.equal(await statusOf(proxy, { "x-real-ip": "203.0.113.7" }), 200);
  assert.equal(await statusOf(proxy, { "x-real-ip": "192.0.2.1", "cf-connecting-ip": "203.0.113.7" }), 403);
  assert.equal(
    await statusOf({ TRUSTED_PROXY: "203.0.113.7 x-real-ip" }, { "x-real-ip": "203.0.113.7" }),
    403,
  );
});
