import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { test } from "node:test";
import { type Outcome, withoutResponse } from "../../src/delivery/outcome.ts";
import { send } from "../../src/delivery/send.ts";
import { listen } from "../support/listen.ts";
import { httpsAddress } from "./sample.ts";

const code0 = { body: { code: [0] } };

async function outcomeOf(
  succeeds: unknown,
  answer: RequestListener | string,
  { timeoutMs = 5_000, secrets = [] as string[] } = {},
): Promise<Outcome> {
  const server = createServer(typeof answer === "string" ? (_, response) => response.end(answer) : answer);
  const url = await listen(server);
  try {
    const pattern = typeof succeeds === "string" ? succeeds : JSON.stringify(succeeds);
    const address = httpsAddress(url);
    const message = {
      id: "id-1",
      rule: "audit",
      address,
      query: "",
      headers: {},
      body: "{}",
      timeoutMs,
      succeeds: pattern,
    };
    return await send(message, { now: Date.now, secrets, env: {} });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const error = async (...given: Parameters<typeof outcomeOf>) => (await outcomeOf(...given)).error;

test("a 2xx answer that fits is a success, of which nothing is kept", async () => {
  const outcome = await outcomeOf(code0, '{"code":0,"msg":"success"}');
  assert.deepEqual([outcome.delivered, outcome.error, outcome.response], [true, null, null]);
});

test("a 2xx answer that does not fit is the event's own failure, and is kept", async () => {
  const answer = '{"code":9499,"msg":"Bad Request"}';
  const { at, ms, ...outcome } = await outcomeOf(code0, answer);
  assert.deepEqual(outcome, {
    status: 200,
    error: "answered 200, but body.code is 9499, and should be 0",
    response: answer,
    delivered: false,
    alive: true,
    gone: false,
    holdMs: null,
  });
});

test("numbers of the answer are compared exactly", async () => {
  assert.equal(await error('{"body":{"id":[9007199254740993]}}', '{"id":9007199254740993}'), null);
  assert.equal(
    await error('{"body":{"id":[9007199254740993]}}', '{"id":9007199254740992}'),
    "answered 200, but body.id is 9007199254740992, and should be 9007199254740993",
  );
});

test("another status than 2xx stays a failure, even if it would fit", async () => {
  const missing = await outcomeOf({ status: [404] }, (_, response) => response.writeHead(404).end());
  assert.deepEqual([missing.delivered, missing.error], [false, "answered 404"]);
});

test("a status may be narrowed without waiting for the body", async () => {
  const begun: RequestListener = (_, response) => response.writeHead(202).write("begun");
  const timeoutMs = 30_000;
  const { delivered, ms } = await outcomeOf({ status: [{ numeric: ["<", 300] }] }, begun, { timeoutMs });
  assert.ok(delivered && ms! < timeoutMs / 2, `delivered ${delivered} after ${ms} ms`);
  assert.equal(
    await error({ status: [200] }, (_, response) => response.writeHead(202).end("later")),
    "answered 202, but status is 202, and should be 200",
  );
});

test("a body that is no JSON, or is too long, is absent", async () => {
  const long = `{"code":0,"pad":"${"x".repeat(70_000)}"}`;
  const absent = "answered 200, but body.code is absent, and should be 0: its body";
  assert.equal(await error(code0, "ok"), `${absent} is no JSON`);
  assert.equal(await error(code0, ""), `${absent} is no JSON`);
  assert.equal(await error(code0, long), `${absent} is too long`);
  assert.equal((await outcomeOf(code0, long)).response, long.slice(0, 4096));
  assert.equal(await error(code0, `{"code":0,"pad":"${"x".repeat(60_000)}"}`), null);
  assert.equal(await error({ body: { code: [0, { exists: false }] } }, "ok"), null);
});

test("a body that breaks off, or does not end in time, is a failure", async () => {
  const absence = { body: { code: [{ exists: false }] } };
  const hanging: RequestListener = (_, response) =>
    response.writeHead(200, { "content-length": "100" }).write("{");
  // Long enough for the head to come, also on a busy machine.
  const errors = [code0, absence].map((succeeds) => error(succeeds, hanging, { timeoutMs: 1_500 }));
  for (const said of await Promise.all(errors)) assert.equal(said, "answered 200, but its body broke off");
});

test("the failure quotes no text of the answer, and neither it nor the answer holds a secret", async () => {
  const secrets = ["31415926"];
  const { error, response } = await outcomeOf(code0, '{"code":"31415926","also":31415926}', { secrets });
  assert.equal(error, "answered 200, but body.code is another text, and should be 0");
  assert.equal(response, '{"code":"***","also":***}');
  const number = await outcomeOf({ body: { also: [0] } }, '{"also":31415926}', { secrets });
  assert.equal(number.error, "answered 200, but body.also is ***, and should be 0");
});

test("a caller that sees metadata is not told what the answer held", () => {
  for (const [error, shown] of [
    ["answered 200, but body.code is 9499, and should be 0", "answered 200, but body.code should be 0"],
    ["answered 302 to itself: redirects are not followed", "answered 302: redirects are not followed"],
    ["answered 500", "answered 500"],
  ] as const)
    assert.equal(withoutResponse(error), shown);
});
