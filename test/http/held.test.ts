/** Destinations that ask for patience, and events that must have some. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { startReceiver } from "./receiver.ts";
import { eventually, startWorker, usual } from "./worker.ts";

const failing = await startReceiver();
failing.answers = 400;

/** Whether it asks to wait an hour. */
let busy = true;
let requests = 0;
const server = createServer((request, response) => {
  request.resume();
  requests++;
  response.writeHead(busy ? 429 : 200, busy ? { "retry-after": "3600" } : {}).end();
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
after(() => {
  server.close();
  server.closeAllConnections();
});

const worker = await startWorker({
  ...usual,
  CALLBACK_TOKEN: "",
  ALLOW_PRIVATE_DESTINATIONS: true,
  FORWARD_RULES: [
    {
      name: "busy",
      on: "Test.CallbackAfterBusy",
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    },
    { name: "slowly", on: "Test.CallbackAfterSlow", url: failing.url, retry: ["1h"] },
  ],
});

const problem = (pattern: RegExp) =>
  eventually(async () => {
    const { body } = await worker.api("/health");
    return (body.problems as string[]).find((one) => pattern.test(one));
  });

test("a Retry-After is told with its end, and resuming ends it", async () => {
  for (let count = 0; count < 3; count++) {
    await worker.send("Test.CallbackAfterBusy", { GroupId: "one-shard", count });
    await eventually(() => requests > 0);
  }
  const told = await problem(/^busy: is held until /);
  const [, until, waits] =
    /^busy: is held until (\S+Z), as it asked, or until it is resumed; (\d) events? wait/.exec(told)!;
  const wait = Date.parse(until!) - Date.now();
  assert.ok(wait > 3_500_000 && wait <= 1.2 * 3_600_000, until);
  assert.equal(waits, "3");
  const { body } = await worker.api("/api/destinations");
  assert.equal(body[0].state, "open");

  busy = false;
  const resumed = await worker.api("/api/destinations/busy/resume", {});
  assert.deepEqual([resumed.status, resumed.body.state], [200, "up"]);
  await eventually(async () => (await worker.api("/api/destinations")).body[0].delivered === 3);
  const named = async () =>
    (await worker.api("/health")).body.problems.some((one: string) => one.startsWith("busy"));
  await eventually(async () => !(await named()));
});

test("an event that will not be tried soon is told, and why", async () => {
  await worker.send("Test.CallbackAfterSlow", { GroupId: "slow" });
  await problem(/^slowly: 1 event waits for another attempt \(answered 400\)$/);
});
