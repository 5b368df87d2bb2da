import assert from "node:assert/strict";
import { test } from "node:test";
import manifest from "../../package.json" with { type: "json" };
import { startReceiver } from "./receiver.ts";
import { eventually, type Settings, startWorker, usual } from "./worker.ts";

const receiver = await startReceiver();
const open: Settings = { ...usual, CALLBACK_TOKEN: "", ALLOW_PRIVATE_DESTINATIONS: true };
const worker = await startWorker({ ...open, CALLBACK_TOKEN: "a-callback-token" });

async function problems(): Promise<string[]> {
  const response = await fetch(`${worker.url}/health`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
  const body = (await response.json()) as { status: string; version: string; problems: string[] };
  assert.deepEqual(Object.keys(body), ["status", "version", "problems"]);
  assert.equal(body.version, manifest.version);
  assert.equal(body.status, body.problems.length === 0 ? "ok" : "degraded");
  return body.problems;
}

test("when all is well, there is no problem", async () => {
  assert.deepEqual(await problems(), []);
});

test("everything that is wrong is named at once, by its place, and no secret's value in any answer", async () => {
  await worker.configure({
    ...open,
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
    const response = await fetch(worker.url + path, {
      headers: { authorization: `Bearer ${usual.ADMIN_TOKEN}` },
    });
    assert.doesNotMatch(await response.text(), /-secret|test-admin-token|47114711|80228022/, path);
  }
});

test("wrong rules leave the good ones be, and their events wait until they are mended", async () => {
  await worker.configure({
    ...open,
    SHARDS: 2,
    FORWARD_RULES: [
      { name: "good", url: receiver.url },
      { name: "unset", url: `${receiver.url}unset`, secret: "$LATER" },
      { name: "off", url: "http://127.0.0.1:1/", enabled: false },
    ],
  });
  const groups = Array.from({ length: 6 }, (_, index) => `early-${index}`);
  for (const GroupId of groups) {
    const { status, text } = await worker.send("Test.CallbackAfterIt", { GroupId });
    assert.equal(status, 200, text);
    await receiver.request((one) => one.body.includes(`"${GroupId}"`));
  }
  assert.ok(receiver.received.every(({ url }) => url !== "/unset"));
  await eventually(async () => (await problems()).some((problem) => /^unset: 6 events wait/.test(problem)));

  await worker.configure({
    ...open,
    SHARDS: 2,
    LATER: "whsec_bGF0ZXItc2FtcGxlLXNlY3JldC1mb3ItdGVzdHMtb25seQ==",
    FORWARD_RULES: [
      { name: "good", url: receiver.url },
      { name: "unset", url: `${receiver.url}unset`, secret: "$LATER" },
      { name: "off", url: "http://127.0.0.1:1/", enabled: false },
    ],
  });
  assert.equal((await worker.send("Test.CallbackAfterIt", { GroupId: "late" })).status, 200);
  await problems();
  for (const GroupId of [...groups, "late"]) {
    const { headers } = await receiver.request(
      (one) => one.url === "/unset" && one.body.includes(`"${GroupId}"`),
    );
    assert.match(String(headers["webhook-signature"]), /^v1,/);
  }
});

test("rules come as JSON values as well as texts, from several variables", async () => {
  await worker.configure({
    ...open,
    SHARDS: 2,
    FORWARD_RULES: JSON.stringify([{ name: "text", url: `${receiver.url}text` }]),
    FORWARD_RULES_5: [{ name: "value", url: `${receiver.url}value` }],
  });
  assert.equal((await worker.send("Test.CallbackAfterIt", { GroupId: "both" })).status, 200);
  for (const url of ["/text", "/value"])
    await receiver.request((one) => one.url === url && one.body.includes('"both"'));
});

test("a destination that is new gets the first event after it appeared, and none before", () => {
  for (const { url, body } of receiver.received)
    if (url === "/text" || url === "/value") assert.ok(body.includes('"both"'), body.toString());
});

test("a rule that is gone leaves a backlog that is named, and goes on when it comes back", async () => {
  const rules = [{ name: "comes-back", url: `${receiver.url}back` }];
  const tell = async (Text: string) => {
    const { status, text } = await worker.send("Test.CallbackAfterIt", { GroupId: "one-shard", Text });
    assert.equal(status, 200, text);
  };
  const got = (Text: string) =>
    receiver.request((one) => one.url === "/back" && one.body.includes(`"${Text}"`));

  await worker.configure({ ...open, SHARDS: 2, FORWARD_RULES: rules });
  await tell("at first");
  await got("at first");
  await eventually(async () => (await worker.api("/api/destinations")).body[0].waiting === 0);
  await worker.api("/api/destinations/comes-back/pause", {});
  await tell("paused");

  await worker.configure({ ...open, SHARDS: 2 });
  await tell("gone");
  await eventually(async () =>
    (await problems()).some((problem) => /^comes-back: .*\b2 events\b/.test(problem)),
  );

  await worker.configure({ ...open, SHARDS: 2, FORWARD_RULES: rules });
  await worker.api("/api/destinations/comes-back/resume", {});
  await got("paused");
  await got("gone");
  assert.equal(receiver.received.filter((one) => one.url === "/back").length, 3, "each once");
});

test("a rule that went before any event came has its place all the same", async () => {
  // Its name is one that every object inherits.
  const rules = [{ name: "constructor", url: `${receiver.url}idle` }];
  await worker.configure({ ...open, SHARDS: 2, FORWARD_RULES: rules });
  await problems();
  await worker.configure({ ...open, SHARDS: 2 });
  for (const GroupId of ["idle-1", "idle-2", "idle-3", "idle-4"])
    assert.equal((await worker.send("Test.CallbackAfterIt", { GroupId })).status, 200);
  await worker.configure({ ...open, SHARDS: 2, FORWARD_RULES: rules });
  await problems();
  for (const GroupId of ["idle-1", "idle-2", "idle-3", "idle-4"])
    await receiver.request((one) => one.url === "/idle" && one.body.includes(`"${GroupId}"`));
});

test("a lower SHARDS is ignored, and named", async () => {
  await worker.configure({ ...open, SHARDS: 1 });
  const ignored = (await problems()).filter((problem) => problem.startsWith("SHARDS"));
  assert.equal(ignored.length, 1);
  assert.match(ignored[0]!, /2 shards/);
});

test("however many ask together, the shards are asked once", async () => {
  await worker.configure({ ...open, SHARDS: 2 });
  const shardRequests = async () => (await worker.api("/api/stats")).body.shardRequests;
  await problems();
  const before = await shardRequests();
  const alone = (await shardRequests()) - before;
  for (let round = 0; round < 5; round++) await Promise.all(Array.from({ length: 40 }, problems));
  const asked = (await shardRequests()) - before;
  // A second may end meanwhile, on a busy machine several.
  assert.ok(asked < 2 * alone + 40, `${asked} requests of shards`);
});

test("private destinations are mistakes unless they are allowed", async () => {
  await worker.configure({
    ...open,
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
