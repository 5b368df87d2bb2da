import assert from "node:assert/strict";
import { test } from "node:test";
import manifest from "../../package.json" with { type: "json" };
import { startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";

const receiver = await startReceiver();
const gateway = await startGateway();

/** The problems, of an answer that has the form of every `/health`. */
async function problems(): Promise<string[]> {
  const response = await gateway.request("/health", { token: null });
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
  const body = (await response.json()) as { status: string; version: string; problems: string[] };
  assert.deepEqual(Object.keys(body), ["status", "version", "problems"]);
  assert.equal(body.version, manifest.version);
  assert.equal(body.status, body.problems.length === 0 ? "ok" : "degraded");
  return body.problems;
}

test("a healthy gateway has no problem", async () => {
  assert.deepEqual(await problems(), []);
});

test("all wrong settings are named at once by their path, and no answer shows a secret's value", async () => {
  await gateway.restart({
    CALLBACK_TOKEN: "",
    SHARDS: "some-shards",
    RETENTION_HOURS: -1,
    LOCATION_HINT: "moon-secret",
    UNKNOWN_COMMANDS: "maybe",
    ALLOW_FROM: "203.0.113.0/24, everywhere-secret",
    SIGNING: "signing-secret",
    HEADER: "header-secret",
    FORWARD_RULES: JSON.stringify([
      { name: "good", url: receiver.url },
      { name: "unset", url: receiver.url, secret: "$NOT_SET" },
      { name: "signing", url: receiver.url, secret: "$SIGNING" },
      { name: "Bad Name", url: receiver.url, headers: { "x-key": "$HEADER" } },
      { name: "odd", url: "ftp://user:url-secret@files.example.com/", colour: "blue" },
      { name: "pattern", url: receiver.url, match: { body: { Type: [{ prefix: 7 }] } } },
      { name: "numbers", url: receiver.url, headers: { "x-key": 4711471147 }, secret: 8022802280 },
    ]),
    FORWARD_RULES_2: [
      { name: "twin", url: receiver.url },
      { name: "twin", url: receiver.url, headers: { authorization: "Bearer bearer-secret" } },
    ],
    FORWARD_RULES_3: '[{"name":"torn","secret":"torn-secret"',
  });
  const named = await problems();
  for (const place of [
    "SHARDS: ",
    "RETENTION_HOURS: ",
    "LOCATION_HINT: ",
    "UNKNOWN_COMMANDS: ",
    "ALLOW_FROM: entry 2 ",
    "CALLBACK_TOKEN is not set",
    "FORWARD_RULES[1].secret: ",
    "FORWARD_RULES[2].secret: ",
    "FORWARD_RULES[3].name: ",
    "FORWARD_RULES[4].url: ",
    "FORWARD_RULES[4].colour: ",
    "FORWARD_RULES[5].match.body.Type[0]",
    "FORWARD_RULES[6].headers.x-key: ",
    "FORWARD_RULES[6].secret: ",
    "FORWARD_RULES_2[1].name: ",
    "FORWARD_RULES_3: ",
  ])
    assert.ok(
      named.some((problem) => problem.startsWith(place)),
      `${place}\n${named.join("\n")}`,
    );

  for (const path of [
    "/health",
    "/api/destinations",
    "/api/events",
    "/api/dead-letters",
    "/metrics",
    "/nowhere",
  ]) {
    const text = await (await gateway.request(path)).text();
    assert.doesNotMatch(text, /-secret|test-admin-token|47114711|80228022/, path);
  }
});

test("an invalid rule does not stop a valid one, and its events wait until it is corrected", async () => {
  await gateway.restart({
    SHARDS: 2,
    FORWARD_RULES: [
      { name: "good", url: receiver.url },
      { name: "unset", url: `${receiver.url}unset`, secret: "$LATER" },
      { name: "off", url: "http://127.0.0.1:1/", enabled: false },
    ],
  });
  const groups = Array.from({ length: 6 }, (_, index) => `early-${index}`);
  for (const GroupId of groups) {
    await gateway.accept("Test.CallbackAfterIt", { GroupId });
    await receiver.request((one) => one.body.includes(`"${GroupId}"`));
  }
  assert.ok(receiver.received.every(({ url }) => url !== "/unset"));
  await gateway.problem(/^unset: 6 events wait/);

  await gateway.restart({
    SHARDS: 2,
    LATER: "whsec_bGF0ZXItc2FtcGxlLXNlY3JldC1mb3ItdGVzdHMtb25seQ==",
    FORWARD_RULES: [
      { name: "good", url: receiver.url },
      { name: "unset", url: `${receiver.url}unset`, secret: "$LATER" },
      { name: "off", url: "http://127.0.0.1:1/", enabled: false },
    ],
  });
  await gateway.accept("Test.CallbackAfterIt", { GroupId: "late" });
  await problems();
  for (const GroupId of [...groups, "late"]) {
    const { headers } = await receiver.request(
      (one) => one.url === "/unset" && one.body.includes(`"${GroupId}"`),
    );
    assert.match(String(headers["webhook-signature"]), /^v1,/);
  }
});

test("rules are read from JSON values and texts, and from several variables", async () => {
  await gateway.restart({
    SHARDS: 2,
    FORWARD_RULES: JSON.stringify([{ name: "text", url: `${receiver.url}text` }]),
    FORWARD_RULES_5: [{ name: "value", url: `${receiver.url}value` }],
  });
  await gateway.accept("Test.CallbackAfterIt", { GroupId: "both" });
  for (const url of ["/text", "/value"])
    await receiver.request((one) => one.url === url && one.body.includes('"both"'));
});

test("a new destination gets no event from before its first appearance", () => {
  for (const { url, body } of receiver.received)
    if (url === "/text" || url === "/value") assert.ok(body.includes('"both"'), body.toString());
});

test("a removed rule leaves a backlog that /health names, and goes on when it is added again", async () => {
  const rules = [{ name: "comes-back", url: `${receiver.url}back` }];
  const tell = (Text: string) => gateway.accept("Test.CallbackAfterIt", { GroupId: "one-shard", Text });
  const got = (Text: string) =>
    receiver.request((one) => one.url === "/back" && one.body.includes(`"${Text}"`));

  await gateway.restart({ SHARDS: 2, FORWARD_RULES: rules });
  await tell("at first");
  await got("at first");
  await gateway.destinationIs("comes-back", { waiting: 0 });
  await gateway.pause("comes-back");
  await tell("paused");

  await gateway.restart({ SHARDS: 2 });
  await tell("gone");
  await gateway.problem(/^comes-back: .*\b2 events\b/);

  await gateway.restart({ SHARDS: 2, FORWARD_RULES: rules });
  await gateway.resume("comes-back");
  await got("paused");
  await got("gone");
  assert.equal(receiver.received.filter((one) => one.url === "/back").length, 3, "each once");
});

test("a rule that was removed before the first event gets every event when it is added again", async () => {
  // Its name is one that every object inherits.
  const rules = [{ name: "constructor", url: `${receiver.url}idle` }];
  await gateway.restart({ SHARDS: 2, FORWARD_RULES: rules });
  await problems();
  await gateway.restart({ SHARDS: 2 });
  for (const GroupId of ["idle-1", "idle-2", "idle-3", "idle-4"])
    await gateway.accept("Test.CallbackAfterIt", { GroupId });
  await gateway.restart({ SHARDS: 2, FORWARD_RULES: rules });
  await problems();
  for (const GroupId of ["idle-1", "idle-2", "idle-3", "idle-4"])
    await receiver.request((one) => one.url === "/idle" && one.body.includes(`"${GroupId}"`));
});

test("a lower SHARDS is ignored and named", async () => {
  await gateway.restart({ SHARDS: 1 });
  const ignored = (await problems()).filter((problem) => problem.startsWith("SHARDS"));
  assert.equal(ignored.length, 1);
  assert.match(ignored[0]!, /2 shards/);
});

test("requests for /health within a second share one look at the shards", async () => {
  await gateway.restart({ SHARDS: 2 });
  const shardRequests = async () => (await gateway.stats()).shardRequests;
  await problems();
  const before = await shardRequests();
  const alone = (await shardRequests()) - before;
  for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 40 }, problems));
  const asked = (await shardRequests()) - before;
  // A second may end meanwhile, on a busy machine several.
  assert.ok(asked < 2 * alone + 40, `${asked} requests of shards`);
});

test("a private destination is a problem unless ALLOW_PRIVATE_DESTINATIONS is set", async () => {
  await gateway.restart({
    ALLOW_PRIVATE_DESTINATIONS: false,
    SHARDS: 2,
    FORWARD_RULES: [
      { name: "private", url: receiver.url },
      { name: "loopback", url: "https://127.0.0.1/" },
      { name: "mapped", url: "https://[::ffff:10.0.0.1]/" },
    ],
  });
  const named = await problems();
  for (const place of [0, 1, 2])
    assert.ok(
      named.some((problem) => problem.startsWith(`FORWARD_RULES[${place}].url: `)),
      named.join("\n"),
    );
});
