/** READ_TOKEN: what it may do, and what it sees. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { adminToken, type Query } from "../support/client.ts";
import { type ApiDocument, operationsOf } from "../support/described.ts";
import { startGateway } from "../support/gateway.ts";
import { exchange } from "../support/raw.ts";
import { reply, startReceiver } from "../support/receiver.ts";

const token = "test-read-token";
/** Stands in bodies, queries and responses alone: in texts of them, and in names of unknown fields. */
const secret = "Xanadu";

const destination = await startReceiver(
  reply(302, { location: `https://${secret}.example.com/` }, `{"echo":"${secret}"}`),
);
const backend = await startReceiver(reply(200, {}, `{"ErrorCode":0,"${secret}":1}`));
const moderation = {
  name: "moderation",
  on: "Group.CallbackBeforeSendMsg",
  ask: backend.url,
  otherwise: "allow",
};
const settings = {
  READ_TOKEN: `older-read-token,${token}`,
  FORWARD_RULES: [
    { name: "audit", url: `${destination.url}hook?n=1&key=${secret}`, retry: [] },
    { ...moderation, ask: `${backend.url}?key=${secret}` },
  ],
};
const gateway = await startGateway(settings);

const operations = operationsOf((await gateway.get("/openapi.json")) as ApiDocument);
operations.delete("receiveCallback");

let id = "";

async function ask(path: string, { method = "GET", as = token }: { method?: string; as?: string } = {}) {
  const response = await gateway.request(path, { method, token: as });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

before(async () => {
  const message = {
    GroupId: "g",
    Type: secret,
    From_Account: "lan",
    MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: `to ${secret}` } }],
    [secret]: 1,
    [`${secret}.2`]: 2,
  };
  const query = { ClientIP: "203.0.113.7", OptPlatform: "iPad", Place: secret };
  await gateway.accept("Group.CallbackBeforeSendMsg", message, { query });
  await gateway.accept("State.StateChange", {
    Info: { Action: secret, To_Account: "lan", Reason: "Register" },
    EventTime: 1,
  });
  await gateway.destinationIs("audit", { dead: 2 });
  const { events } = await gateway.events({ command: "Group.CallbackBeforeSendMsg" });
  id = events[0]!.id;
});

/** Events are handed out there: only their receiver may have them. */
const ofReceivers = ["pollEvents", "listen"];

test("every GET is open to a READ_TOKEN, and every other method is 403", async () => {
  for (const [name, { method, path }] of operations) {
    const address = path.replace("{id}", id).replace("{name}", "audit");
    const { status, headers, text } = await ask(address, { method });
    if (method === "GET" && !ofReceivers.includes(name)) {
      // Some take a parameter, or an upgrade.
      assert.ok(![401, 403, 429].includes(status), `${name}: ${text}`);
    } else {
      assert.equal(status, 403, `${name}: ${text}`);
      assert.equal(JSON.parse(text).error.code, "read_only");
      assert.match(headers.get("www-authenticate")!, /^Bearer .*error="insufficient_scope"$/);
    }
  }
});

test("each route says what access it takes, by its method", async () => {
  for (const [name, { method, security }] of operations) {
    const tokens = security.flatMap((one) => Object.keys(one)).sort();
    const other = ofReceivers.includes(name) ? ["ruleSecret"] : method === "GET" ? ["readToken"] : [];
    assert.deepEqual(tokens, tokens.length === 0 ? [] : ["adminToken", ...other], name);
  }
});

test("a refusal names the tokens that its route takes, and no others", async () => {
  const names: Readonly<Record<string, string>> = {
    adminToken: "an ADMIN_TOKEN",
    readToken: "a READ_TOKEN",
    ruleSecret: "the rule's secret",
  };
  const named = async (address: string, method: string, as: string | null) => {
    const { error } = (await (await gateway.request(address, { method, token: as })).json()) as {
      error: { message: string };
    };
    const [, tokens, reason] = /^this takes (.+?), (.+)$/.exec(error.message) ?? [];
    return [tokens?.split(" or ").sort(), reason];
  };
  for (const [name, { method, path, security }] of operations) {
    const tokens = security.flatMap((one) => Object.keys(one));
    if (tokens.length === 0) continue;
    const address = path.replace("{id}", id).replace("{name}", "audit");
    const taken = tokens.map((one) => names[one]!).sort();
    assert.deepEqual(await named(address, method, null), [taken, "as Authorization: Bearer <token>"], name);
    if (!tokens.includes("readToken"))
      assert.deepEqual(await named(address, method, token), [taken, "and a READ_TOKEN may only read"], name);
  }
  for (const [address, method, taken] of [
    ["/api/events", "GET", ["a READ_TOKEN", "an ADMIN_TOKEN"]],
    ["/api/replay", "POST", ["an ADMIN_TOKEN"]],
    ["/api/poll/audit", "GET", ["an ADMIN_TOKEN", "the rule's secret"]],
  ] as const)
    assert.deepEqual(await named(address, method, "wrong"), [taken, "and the bearer token is none"]);
});

test("no answer for metadata holds a body, a query or a response", async () => {
  const addresses = [...operations.values()]
    .filter(({ method }) => method === "GET")
    .map(({ path }) => path.replace("{id}", id).replace("{name}", "audit"));
  assert.ok(addresses.includes(`/api/events/${id}`));
  // A host is in lower case.
  const tells = ({ text }: { text: string }) => new RegExp(secret, "i").test(text);
  let told = 0;
  for (const address of addresses) {
    assert.ok(!tells(await ask(address)), address);
    if (tells(await ask(address, { as: adminToken }))) told++;
  }
  // The event, the export, its drift, the metrics of that, dead letters and destinations.
  assert.ok(told >= 6, `${told} answers hold the secret for an ADMIN_TOKEN`);

  const event = JSON.parse((await ask(`/api/events/${id}`)).text);
  for (const left of ["body", "query"]) assert.ok(!(left in event), left);
  const [attempt] = event.deliveries[0].attempts;
  assert.deepEqual(
    [attempt.status, attempt.error, "response" in attempt],
    [302, "answered 302: redirects are not followed", false],
  );
  assert.equal(event.size > 0 && event.conversation, "group:g");
  assert.deepEqual([event.verdict.how, "reason" in event.verdict], ["answered", false]);
});

test("the url of a destination is shown, less the values of its query", async () => {
  const urlFor = async (as: string) => JSON.parse((await ask("/api/destinations", { as })).text)[0].url;
  const url = `${destination.url}hook?`;
  assert.equal(await urlFor(token), `${url}n=***&key=***`);
  assert.equal(await urlFor(adminToken), `${url}n=1&key=${secret}`);
});

test("unknown fields are counted together where their names are not shown", async () => {
  const counts = async (as: string) => {
    const drift: { kind: string; path: string; count: number }[] = JSON.parse(
      (await ask("/api/drift", { as })).text,
    ).drift;
    const unknown = drift.filter(({ kind }) => kind === "unknown field");
    return Object.fromEntries(unknown.map(({ path, count }) => [path, count]));
  };
  assert.deepEqual(await counts(adminToken), { [secret]: 1, [`${secret}.2`]: 1 });
  assert.deepEqual(await counts(token), { "*": 2 });
});

test("metadata cannot be searched by text, and the search is refused before it runs", async () => {
  for (const text of [secret, "nowhere"]) {
    const { status, text: answer } = await ask(`/api/events?text=${text}`);
    assert.deepEqual([status, JSON.parse(answer).error.code], [403, "bodies_not_seen"]);
    assert.match(JSON.parse(answer).error.message, /^text: /);
  }
  assert.equal((await ask("/api/events?text=")).status, 200);
  assert.equal(JSON.parse((await ask("/api/events?account=lan")).text).events.length, 2);
});

test("/api/me tells both tokens what they may do, and no token is refused", async () => {
  const me = async (as: string) => JSON.parse((await ask("/api/me", { as })).text);
  assert.deepEqual(await me(adminToken), { token: "admin", sees: "bodies" });
  for (const one of [token, "older-read-token"])
    assert.deepEqual(await me(one), { token: "read", sees: "metadata" });
  assert.equal((await me("unknown")).error.code, "wrong_token");
});

test("an unknown address beneath /api is 404 for a READ_TOKEN", async () => {
  assert.equal((await ask("/api/nowhere")).status, 404);
});

test("a browser opens a WebSocket by its token as subprotocol, and nothing else", async () => {
  const open = async (protocol: string, upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n") => {
    const head = `GET /api/me HTTP/1.1\r\nHost: relay\r\nSec-WebSocket-Protocol: ${protocol}\r\n${upgrade}`;
    const handshake = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    return (await exchange(gateway.url, [head + handshake])).status;
  };
  for (const protocol of [`bearer.${token}`, `tim-relay, bearer.${token}`, `bearer.${adminToken},other`])
    assert.equal(await open(protocol), 200, protocol);
  for (const protocol of ["tim-relay", token, `bearer.${token}x`, "bearer."])
    assert.equal(await open(protocol), 401, protocol);
  assert.equal(await open(`bearer.${token}`, ""), 401, "without an upgrade");
});

test("with READ_TOKEN_SEES=bodies it sees and searches all, and may still change nothing", async () => {
  await gateway.restart({ ...settings, READ_TOKEN_SEES: "bodies" });
  const { body, query, verdict, deliveries } = JSON.parse((await ask(`/api/events/${id}`)).text);
  assert.equal(verdict.reason, `${secret} is not allowed here`);
  assert.deepEqual([body.Type, query.Place], [secret, secret]);
  assert.ok(deliveries[0].attempts[0].response.includes(secret));
  const searched = (query: Query) =>
    ask(`/api/events?${new URLSearchParams(query as Record<string, string>)}`);
  assert.equal(JSON.parse((await searched({ text: secret })).text).events.length, 2);
  assert.equal((await ask(`/api/events/${id}/replay`, { method: "POST" })).status, 403);
  assert.deepEqual(JSON.parse((await ask("/api/me")).text), { token: "read", sees: "bodies" });
});

test("a READ_TOKEN works where no ADMIN_TOKEN is set, and a wrong READ_TOKEN_SEES shows metadata", async () => {
  await gateway.restart({ ...settings, ADMIN_TOKEN: "", READ_TOKEN_SEES: "everything" });
  assert.equal((await ask("/api/events", { as: "" })).status, 401);
  assert.deepEqual(JSON.parse((await ask("/api/me")).text), { token: "read", sees: "metadata" });
  assert.equal((await ask(`/api/events/${id}/replay`, { method: "POST" })).status, 403);
  assert.ok(!("body" in JSON.parse((await ask(`/api/events/${id}`)).text)));
  await gateway.problem(/^READ_TOKEN_SEES: expected one of metadata, bodies$/);
});

test("a READ_TOKEN that no request can carry opens nothing, and /health names it", async () => {
  await gateway.restart({ ...settings, READ_TOKEN: "b\u00e4d, two words" });
  for (const as of ["two words", "two"]) assert.equal((await ask("/api/events", { as })).status, 401);
  await gateway.problem(/^READ_TOKEN: a token of other characters/);
});
