import assert from "node:assert/strict";
import { test } from "node:test";
import { adminToken, signed, startWorker, usual } from "./worker.ts";

const worker = await startWorker(usual);

const routes: [method: string, path: string][] = [
  ["GET", "/api/events"],
  ["GET", "/api/events/evt_1"],
  ["POST", "/api/events/evt_1/replay"],
  ["GET", "/api/destinations"],
  ["POST", "/api/destinations/audit/pause"],
  ["POST", "/api/destinations/audit/resume"],
  ["GET", "/api/dead-letters"],
  ["POST", "/api/dead-letters/replay"],
  ["GET", "/api/commands"],
  ["GET", "/api/nowhere"],
  ["DELETE", "/api/destinations/audit"],
  ["GET", "/metrics"],
];

async function refusal(path: string, method: string, authorization?: string) {
  const response = await fetch(worker.url + path, {
    method,
    headers: authorization === undefined ? {} : { authorization },
  });
  const text = await response.text();
  return { status: response.status, challenge: response.headers.get("www-authenticate"), text };
}

test("without the token or with a wrong one, every route is 401", async () => {
  const wrong = [
    undefined,
    "",
    "Bearer",
    "Bearer ",
    `Bearer ${adminToken}x`,
    `Bearer ${adminToken.slice(1)}`,
    `Bearer ${adminToken.toUpperCase()}`,
    `Basic ${btoa(`admin:${adminToken}`)}`,
    adminToken,
    "Bearer é",
  ];
  for (const [method, path] of routes) {
    const { status, challenge, text } = await refusal(path, method);
    assert.equal(status, 401, `${method} ${path}`);
    assert.equal(challenge, "Bearer");
    const { error, ...rest } = JSON.parse(text);
    assert.deepEqual([Object.keys(error), rest], [["code", "message"], {}]);
  }
  for (const authorization of wrong) {
    const { status, text } = await refusal("/api/events", "GET", authorization);
    assert.equal(status, 401, authorization);
    assert.ok(!text.includes(adminToken));
  }
  assert.equal((await refusal(`/api/events?token=${adminToken}`, "GET")).status, 401);
});

test("with the token, what is there is answered, and the rest is 404", async () => {
  for (const authorization of [`Bearer ${adminToken}`, `bearer  ${adminToken}`]) {
    assert.equal((await refusal("/api/events", "GET", authorization)).status, 200);
    for (const [method, path] of [
      ["GET", "/api/nowhere"],
      ["GET", "/api/events/evt_1"],
      ["POST", "/api/events/evt_1/replay"],
      ["POST", "/api/destinations/audit/pause"],
      ["DELETE", "/api/destinations/audit"],
    ] as const) {
      const { status, text } = await refusal(path, method, authorization);
      assert.equal(status, 404, `${method} ${path}`);
      assert.deepEqual(Object.keys(JSON.parse(text).error), ["code", "message"]);
    }
  }
});

test("what is public needs no token", async () => {
  assert.equal((await refusal("/health", "GET")).status, 200);
  assert.equal((await refusal("/", "GET")).status, 200);
  assert.equal((await refusal("/nowhere", "GET")).status, 404);
});

test("where no token is configured, every route is 403, whatever is sent", async () => {
  await worker.configure({ ...usual, ADMIN_TOKEN: "" });
  for (const [method, path] of routes)
    for (const authorization of [
      undefined,
      "Bearer",
      "Bearer undefined",
      "Bearer null",
      `Bearer ${adminToken}`,
    ]) {
      const { status, text } = await refusal(path, method, authorization);
      assert.equal(status, 403, `${method} ${path} ${authorization}`);
      assert.match(JSON.parse(text).error.message, /ADMIN_TOKEN/);
    }
  assert.equal((await refusal("/health", "GET")).status, 200);
});

test("each of several tokens opens the API, and one that was taken away does not", async () => {
  const open = (token: string) => refusal("/api/events", "GET", `Bearer ${token}`);
  await worker.configure({ ...usual, ADMIN_TOKEN: `${adminToken}, new-token\n` });
  for (const token of [adminToken, "new-token"]) assert.equal((await open(token)).status, 200, token);
  for (const token of [`${adminToken}, new-token`, `${adminToken},new-token`, "new", ","])
    assert.equal((await open(token)).status, 401, token);
  await worker.configure({ ...usual, ADMIN_TOKEN: "new-token" });
  assert.equal((await open("new-token")).status, 200);
  assert.equal((await open(adminToken)).status, 401);
});

test("a token of blanks opens nothing, and /health says so", async () => {
  for (const ADMIN_TOKEN of ["   ", "\u00a0", "\u00a0 , \u00a0", "b\u00e4d", "two words"]) {
    await worker.configure({ ...usual, ADMIN_TOKEN });
    for (const authorization of [
      "Bearer \u00a0",
      "Bearer  \u00a0\u00a0",
      `Bearer ${ADMIN_TOKEN}`,
      "Bearer ,",
    ])
      assert.equal(
        (await refusal("/api/events", "GET", authorization)).status,
        403,
        JSON.stringify(ADMIN_TOKEN),
      );
    const { problems } = JSON.parse((await refusal("/health", "GET")).text);
    assert.equal(problems.filter((problem: string) => problem.startsWith("ADMIN_TOKEN: ")).length, 1);
  }
});

test("the samples of .dev.vars.example open and receive nothing where it is deployed", async () => {
  await worker.configure({
    ...usual,
    ADMIN_TOKEN: "local-admin-token",
    CALLBACK_TOKEN: "local-callback-token",
  });
  assert.equal((await refusal("/api/events", "GET", "Bearer local-admin-token")).status, 403);
  const command = "State.StateChange";
  const query = signed("local-callback-token");
  assert.equal((await worker.send(command, { Info: { To_Account: "lan" } }, { query })).status, 503);
  const { problems } = JSON.parse((await refusal("/health", "GET")).text);
  for (const name of ["ADMIN_TOKEN", "CALLBACK_TOKEN"])
    assert.ok(
      problems.some((problem: string) => problem.startsWith(`${name}: is the sample`)),
      problems.join(),
    );
});
