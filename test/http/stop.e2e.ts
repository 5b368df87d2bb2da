/** The entrypoint by which `npm run serve` prepares a stop. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startGateway } from "../support/gateway.ts";

async function statusOf(url: string, authorization?: string): Promise<number> {
  const response = await fetch(url, authorization === undefined ? {} : { headers: { authorization } });
  await response.text();
  return response.status;
}

test("a stop takes the token of this start, on the socket of its own", async () => {
  const { url, stewardUrl } = await startGateway({ TIM_RELAY_STOP_TOKEN: "token-of-today" });
  assert.notEqual(url, stewardUrl);
  for (const header of [undefined, "", "Bearer", "Bearer ", "Bearer token-of-todaY", "token-of-today"])
    assert.equal(await statusOf(stewardUrl, header), 403, header);
  assert.equal(await statusOf(stewardUrl, "Bearer token-of-today"), 204);
  assert.equal(await statusOf(`${url}/`, "Bearer token-of-today"), 200, "the page for people");
});

test("a stop is refused where no token is set", async () => {
  const { stewardUrl } = await startGateway({ TIM_RELAY_STOP_TOKEN: "" });
  for (const header of [undefined, "Bearer ", "Bearer undefined"])
    assert.equal(await statusOf(stewardUrl, header), 403, header);
});
