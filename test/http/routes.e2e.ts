import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { adminToken } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";

const gateway = await startGateway({ CALLBACK_PATH: "/callbacks" });

interface Operation {
  operationId: string;
  parameters?: { name: string; in: string }[];
}

/** The operations of the document, without that of callbacks: these tests have another path for it. */
const { paths } = (await gateway.get("/openapi.json")) as {
  paths: Record<string, Record<string, Operation>>;
};
delete paths["/"]!.post;

const methodsByPath = new Map(
  Object.entries(paths).map(([path, operations]) => [
    path,
    Object.keys(operations).flatMap((method) =>
      method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()],
    ),
  ]),
);

/** An address of a path of the document. */
const addressOf = (path: string) => path.replace("{id}", "evt_1").replace("{name}", "nobody");

async function ask(method: string, address: string, { token = adminToken, body = "" } = {}) {
  const response = await gateway.request(address, { method, token: token || null, ...(body && { body }) });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

function errorOf({ text }: { text: string }): { code: string; message: string } {
  const { error, ...rest } = JSON.parse(text);
  assert.deepEqual([Object.keys(error), rest], [["code", "message"], {}], text);
  return error;
}

for (const [path, methods] of methodsByPath)
  test(`${path} answers ${methods.join(", ")}, and 405 to every other method, token or not`, async () => {
    for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
      for (const token of [adminToken, ""]) {
        const answer = await ask(method, addressOf(path), { token });
        if (methods.includes(method)) {
          assert.notEqual(answer.status, 405, method);
          continue;
        }
        assert.equal(answer.status, 405, method);
        assert.equal(answer.headers.get("allow"), methods.join(", "));
        if (method === "HEAD") assert.equal(answer.text, "");
        else assert.equal(errorOf(answer).code, "method_not_allowed");
      }
  });

test("HEAD is answered like GET, without the body", async () => {
  const asked = [...methodsByPath.keys()].filter((path) => paths[path]!.get).map(addressOf);
  for (const address of [...asked, "/api/events?state=lost", "/api/nowhere", "/nowhere"])
    for (const token of [adminToken, ""]) {
      const [get, head] = [await ask("GET", address, { token }), await ask("HEAD", address, { token })];
      assert.equal(head.status, get.status, address);
      assert.equal(head.text, "", address);
      // Counted values of /metrics and what /health says change between the two.
      const compared = ["content-type", "www-authenticate", "cache-control", "allow"];
      for (const name of compared)
        assert.equal(head.headers.get(name), get.headers.get(name), `${address} ${name}`);
    }
});

test("an unknown path is 404, and below /api 401 without the token", async () => {
  assert.equal((await ask("GET", "/nowhere")).status, 404);
  assert.equal((await ask("GET", "/api/nowhere")).status, 404);
  assert.equal((await ask("DELETE", "/api/events/evt_1/replay/more")).status, 404);
  assert.equal((await ask("GET", "/api/nowhere", { token: "" })).status, 401);
  assert.equal((await ask("GET", "/api", { token: "" })).status, 401);
});

const operations = Object.entries(paths).flatMap(([path, byMethod]) =>
  Object.entries(byMethod).map(([method, { parameters = [] }]) => ({
    method: method.toUpperCase(),
    path,
    query: parameters.flatMap(({ name, in: place }) => (place === "query" ? [name] : [])),
  })),
);

for (const { method, path, query } of operations) {
  const name = `${method} ${path}`;
  if (path !== "/")
    test(`${name} refuses an unknown parameter and names the nearest one`, async () => {
      for (const wrong of ["stat", "Limit2", "__proto__", "constructor", "%00", ""]) {
        const answer = await ask(method, `${addressOf(path)}?${wrong}=dead`);
        assert.equal(answer.status, 400, wrong);
        const { code, message } = errorOf(answer);
        assert.equal(code, "unknown_parameter");
        if (query.length === 0) assert.match(message, /there is no parameter here$/);
        else assert.match(message, new RegExp(`did you mean (${query.join("|")})\\?$`));
      }
    });
  for (const known of query)
    test(`${name} refuses ${known} given twice`, async () => {
      const answer = await ask(method, `${addressOf(path)}?${known}=&${known}=`);
      assert.deepEqual([answer.status, errorOf(answer).code], [400, "repeated_parameter"]);
      assert.match(errorOf(answer).message, new RegExp(`^${known}: `));
    });
  if (method === "POST")
    test(`${name} refuses a body that is not JSON, not an object, or has an unknown key`, async () => {
      for (const [body, expected] of [
        ['{"nobodys":1}', /^nobodys: is not a key here: /],
        ['{"__proto__":{}}', /^__proto__: is not a key here: /],
        ["{", /JSON/],
        ["[]", /object/],
        ["7", /object/],
        ["null", /object/],
      ] as const) {
        const answer = await ask(method, addressOf(path), { body });
        assert.equal(answer.status, 400, body);
        assert.match(errorOf(answer).message, expected);
      }
    });
}

test("a misspelt parameter or key is refused, with the right one", async () => {
  const { message } = errorOf(await ask("GET", "/api/events?stat=dead"));
  assert.equal(message, "stat: is not a parameter here: did you mean state?");
  const old = await ask("POST", "/api/dead-letters/replay", { body: '{"destination":"a"}' });
  assert.equal(old.status, 400);
  assert.equal(errorOf(old).message, "destination: is not a key here: did you mean destinations?");
});

test("a body's JSON mistake is named by its position, without any of the body's text", async () => {
  const post = (body: NonNullable<RequestInit["body"]>) =>
    gateway.request("/api/rules/test", { method: "POST", body });
  for (const [body, sentence] of [
    ['{"event":"hunter2",}', "the body is not JSON: the mistake is at position 19 (line 1, column 20)"],
    ['{\n"hunter2"', "the body is not JSON: it ends too early, at position 11"],
    [gzipSync('{"hunter2":1}'), "the body is gzip: send it as plain JSON"],
    [Buffer.from('{"hunter2":"\u00e9"}', "latin1"), "the body is not UTF-8"],
  ] as const) {
    const answer = await post(body);
    assert.equal(answer.status, 400);
    assert.equal(errorOf({ text: await answer.text() }).message, sentence);
  }
  assert.equal((await post('\ufeff{"last":5}')).status, 200);
});

test("the body of DELETE is checked too", async () => {
  const answer = await ask("DELETE", "/api/destinations/nobody", { body: '{"ids":["evt_1"]}' });
  assert.deepEqual([answer.status, errorOf(answer).code], [400, "unknown_key"]);
  assert.equal((await ask("DELETE", "/api/destinations/nobody", { body: "{" })).status, 400);
  assert.equal((await ask("DELETE", "/api/destinations/nobody", { body: "{}" })).status, 404);
});

test("a replay of verdicts refuses values of the wrong type", async () => {
  const rule = { answer: { ErrorCode: 1 } };
  const replay = (more: object) =>
    ask("POST", "/api/verdicts/replay", { body: JSON.stringify({ rule, ...more }) });
  for (const more of [
    { since: ["2h"] },
    { until: 1794160000000 },
    { since: { a: 1 } },
    { limit: "5" },
    { limit: [5] },
    { limit: true },
    { limit: 201 },
  ]) {
    const answer = await replay(more);
    const code = `bad_${Object.keys(more)[0]}`;
    assert.deepEqual([answer.status, errorOf(answer).code], [400, code], JSON.stringify(more));
  }
  assert.equal((await replay({ limit: null, since: null, until: null })).status, 200);
  assert.equal((await replay({ limit: 5, since: "2h" })).status, 200);
});

test("a verdict diff refuses a rule that is unknown and has no recorded verdict", async () => {
  const answer = await ask("GET", "/api/verdicts/diff?rule=nope");
  assert.deepEqual([answer.status, errorOf(answer).code], [400, "bad_rule"]);
});

test("the page at / is shown with any query", async () => {
  assert.equal((await ask("GET", "/?utm_source=console&SdkAppid=1400000000", { token: "" })).status, 200);
});

test("a number out of range, and a text that is no number, is 400", async () => {
  for (const [address, sentence] of [
    ["/api/events?limit=201", /^limit: expected a whole number from 1 to 200$/],
    ["/api/events?limit=0", /^limit: /],
    ["/api/events?limit=1e2", /^limit: /],
    ["/api/events?limit=%2B5", /^limit: /],
    ["/api/events?limit=99999999999999999999", /^limit: /],
    ["/api/dead-letters?limit=1000", /^limit: /],
    ["/api/verdicts/diff?rule=a&limit=201", /^limit: /],
    ["/api/stats?minutes=1441", /^minutes: expected a whole number from 1 to 1440$/],
    ["/api/stats?minutes=0", /^minutes: /],
  ] as const) {
    const answer = await ask("GET", address);
    assert.equal(answer.status, 400, address);
    assert.match(errorOf(answer).message, sentence);
  }
  for (const last of [0, 5001, -1, 1.5, "5", [], 1e30, true]) {
    const answer = await ask("POST", "/api/rules/test", { body: JSON.stringify({ last }) });
    assert.equal(answer.status, 400, String(last));
    assert.match(errorOf(answer).message, /^last: expected a whole number from 1 to 5000$/);
  }
});

test("times are read strictly in queries and bodies", async () => {
  for (const wrong of ["2026-11-26junk", "2026-02-30", "2026-11-26T08:00", "2w", "1794160000000"])
    for (const name of ["since", "until"]) {
      for (const address of ["/api/events?", "/api/verdicts/diff?rule=a&"]) {
        const answer = await ask("GET", `${address}${name}=${wrong}`);
        assert.deepEqual([answer.status, errorOf(answer).code], [400, `bad_${name}`], address + wrong);
      }
      const body = JSON.stringify({ rule: { answer: { ErrorCode: 1 } }, [name]: wrong });
      const answer = await ask("POST", "/api/verdicts/replay", { body });
      assert.deepEqual([answer.status, errorOf(answer).code], [400, `bad_${name}`], wrong);
    }
  const plus = await ask("GET", "/api/events?since=2026-11-26T08:00:00+08:00");
  assert.match(errorOf(plus).message, /%2B/);
  const event = { command: "Group.CallbackAfterSendMsg", receivedAt: "2026-02-30" };
  const tried = await ask("POST", "/api/rules/test", { body: JSON.stringify({ event }) });
  assert.deepEqual([tried.status, JSON.parse(tried.text).error.path], [400, "event.receivedAt"]);
});
