import assert from "node:assert/strict";
import { test } from "node:test";
import { signed } from "../support/callbacks.ts";
import { adminToken } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

const gateway = await startGateway();

const routes: [method: string, path: string][] = [
  ["GET", "/api/events"],
  ["GET", "/api/events/evt_1"],
  ["POST", "/api/events/evt_1/replay"],
  ["GET", "/api/destinations"],
  ["POST", "/api/destinations/audit/pause"],
  ["POST", "/api/destinations/audit/resume"],
  ["GET", "/api/dead-letters"],
  ["POST", "/api/dead-letters/replay"],
  ["POST", "/api/replay"],
  ["GET", "/api/replays"],
  ["DELETE", "/api/replays/rpl_1"],
  ["GET", "/api/commands"],
  ["GET", "/api/nowhere"],
  ["DELETE", "/api/destinations/audit"],
  ["GET", "/metrics"],
];

async function refusal(path: string, method: string, authorization?: string) {
  const response = await fetch(gateway.url + path, {
    method,
    headers: authorization === undefined ? {} : { authorization },
  });
  const text = await response.text();
  return { status: response.status, challenge: response.headers.get("www-authenticate"), text };
}

test("every route is 401 without the token, and with a wrong one", async () => {
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
    assert.equal(challenge, 'Bearer realm="tim-relay"');
    const { error, ...rest } = JSON.parse(text);
    assert.deepEqual([Object.keys(error), rest], [["code", "message"], {}]);
  }
  for (const authorization of wrong) {
    const { status, challenge, text } = await refusal("/api/events", "GET", authorization);
    assert.equal(status, 401, authorization);
    const isWrong = JSON.parse(text).error.code === "wrong_token";
    assert.equal(challenge, `Bearer realm="tim-relay"${isWrong ? ', error="invalid_token"' : ""}`);
    assert.ok(!text.includes(adminToken));
  }
  assert.equal((await refusal(`/api/events?token=${adminToken}`, "GET")).status, 401);
});

test("with the token, known resources are answered and unknown ones are 404", async () => {
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

test("public routes need no token", async () => {
  assert.equal((await refusal("/health", "GET")).status, 200);
  assert.equal((await refusal("/", "GET")).status, 200);
  assert.equal((await refusal("/nowhere", "GET")).status, 404);
});

test("every route is 403 where ADMIN_TOKEN is not set, whatever the caller sends", async () => {
  await gateway.restart({ ADMIN_TOKEN: "" });
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

test("after 20 wrong tokens of an address 429 is answered, and a right token goes on", async () => {
  await gateway.restart({});
  const { rowsWritten } = await gateway.stats();
  const guess = (token: string) =>
    gateway.request("/api/events", { token, headers: { "cf-connecting-ip": `203.0.113.${token}` } });
  for (let n = 0; n < 20; n++) assert.equal((await guess(String(n))).status, 401);
  // A request without a token is no guess, and is still told which header it lacks.
  assert.equal((await refusal("/api/events", "GET")).status, 401);
  for (const path of ["/api/events", "/metrics", "/api/nowhere", "/api/events/evt_1/replay"]) {
    const method = path.endsWith("replay") ? "POST" : "GET";
    const response = await gateway.request(path, { method, token: "20" });
    assert.equal(response.status, 429);
    const seconds = Number(response.headers.get("retry-after"));
    assert.ok(Number.isInteger(seconds) && seconds > 0 && seconds <= 60, String(seconds));
    assert.match(
      ((await response.json()) as { error: { code: string } }).error.code,
      /^too_many_wrong_tokens$/,
    );
  }
  assert.equal((await guess(adminToken)).status, 200);
  assert.equal((await guess("21")).status, 429);
  await gateway.seen(/wrong tokens.*127\.0\.0\.1/);
  assert.equal((await gateway.stats()).rowsWritten, rowsWritten);
  // The counter is recorded with the next event.
  await gateway.accept("Group.CallbackAfterRecallMsg", { GroupId: "g", MsgSeqList: [{ MsgSeq: 1 }] });
  await until("the metric counts", async () =>
    /^tim_relay_wrong_tokens_total 25$/m.test(await gateway.metrics()),
  );
});

test("wrong tokens of one address are counted apart from those of another", async () => {
  const behindEdge = await startGateway({}, { behindEdge: true });
  const guess = async (address: string, token = "wrong") => {
    const headers = { cf: JSON.stringify({ colo: "HKG" }), "cf-connecting-ip": address };
    return (await behindEdge.request("/api/me", { token, headers })).status;
  };
  for (let n = 0; n < 20; n++) assert.equal(await guess("2001:db8::1"), 401);
  // The addresses of one subscriber have the same first 64 bits.
  assert.equal(await guess("2001:db8::2"), 429);
  assert.equal(await guess("2001:db8:0:1::2"), 401);
  assert.equal(await guess("203.0.113.7"), 401);
  assert.equal(await guess("2001:db8::2", adminToken), 200);
});

test("no answer may be cached or read by a page of another origin", async () => {
  const origin = { origin: "https://elsewhere.example.com", "access-control-request-method": "GET" };
  for (const [method, path] of [...routes, ["OPTIONS", "/api/events"], ["GET", "/health"]] as const)
    for (const token of [adminToken, null]) {
      const { headers } = await gateway.request(path, { method, token, headers: origin });
      assert.equal(headers.get("cache-control"), "no-store", path);
      const names = [...headers.keys()].filter((name) => name.startsWith("access-control-"));
      assert.deepEqual(names, []);
    }
});

test("each of several tokens opens the API, and a removed one does not", async () => {
  const open = (token: string) => refusal("/api/events", "GET", `Bearer ${token}`);
  await gateway.restart({ ADMIN_TOKEN: `${adminToken}, new-token\n` });
  for (const token of [adminToken, "new-token"]) assert.equal((await open(token)).status, 200, token);
  for (const token of [`${adminToken}, new-token`, `${adminToken},new-token`, "new", ","])
    assert.equal((await open(token)).status, 401, token);
  await gateway.restart({ ADMIN_TOKEN: "new-token" });
  assert.equal((await open("new-token")).status, 200);
  assert.equal((await open(adminToken)).status, 401);
});

test("an ADMIN_TOKEN of blanks opens nothing, and /health says so", async () => {
  for (const ADMIN_TOKEN of ["   ", "\u00a0", "\u00a0 , \u00a0", "b\u00e4d", "two words"]) {
    await gateway.restart({ ADMIN_TOKEN });
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

test("the sample tokens of .dev.vars.example are refused by a deployed gateway", async () => {
  await gateway.restart({
    ADMIN_TOKEN: "local-admin-token",
    CALLBACK_TOKEN: "local-callback-token",
  });
  assert.equal((await refusal("/api/events", "GET", "Bearer local-admin-token")).status, 403);
  const command = "State.StateChange";
  const query = signed("local-callback-token");
  assert.equal((await gateway.send(command, { Info: { To_Account: "lan" } }, { query })).status, 503);
  const { problems } = JSON.parse((await refusal("/health", "GET")).text);
  for (const name of ["ADMIN_TOKEN", "CALLBACK_TOKEN"])
    assert.ok(
      problems.some((problem: string) => problem.startsWith(`${name}: is the sample`)),
      problems.join(),
    );
});
