import assert from "node:assert/strict";
import { test } from "node:test";
import { startWorker, usual } from "./worker.ts";

const worker = await startWorker({
  ...usual,
  SHARDS: 2,
  FORWARD_RULES: [
    { name: "communities", url: "https://a.example.com/", match: { body: { Type: ["Community"] } } },
    { name: "mine", url: "https://b.example.com/", secret: "$NOBODY" },
  ],
});

const recall = "Group.CallbackAfterRecallMsg";

for (let seq = 0; seq < 10; seq++)
  await worker.send(recall, {
    GroupId: `@TGS#${seq}`,
    MsgSeqList: [{ MsgSeq: seq }],
    Type: seq < 4 ? "Community" : "Public",
  });

test("the rules of now are held against an event, and say what keeps it from them", async () => {
  const { status, body } = await worker.api("/api/rules/test", {
    event: { command: recall, body: { Type: "Public" } },
  });
  assert.equal(status, 200);
  assert.equal(body.results.length, 1);
  const [{ rule, matches, failed }] = body.results;
  assert.deepEqual([rule, matches, failed.field], ["communities", false, "body.Type"]);
  assert.match(failed.why, /"Public".*"Community"/);
});

test("other rules are held against an event", async () => {
  const { body } = await worker.api("/api/rules/test", {
    rules: [
      { name: "public", url: "https://c.example.com/", match: { body: { Type: [{ prefix: "Pub" }] } } },
    ],
    event: { command: recall, body: { Type: "Public" } },
  });
  assert.deepEqual(body.results, [{ rule: "public", matches: true }]);
});

test("large numbers of an event and of rules keep their digits", async () => {
  const response = await fetch(`${worker.url}/api/rules/test`, {
    method: "POST",
    headers: { authorization: "Bearer test-admin-token" },
    body: `{"rules":[{"name":"one","url":"https://c.example.com/","match":{"body":{"Id":[144115200000000001]}}}],
            "event":{"command":"${recall}","body":{"Id":144115200000000000}}}`,
  });
  const { results } = (await response.json()) as { results: { matches: boolean }[] };
  assert.equal(results[0]?.matches, false);
});

test("a refused rule is named by its path", async () => {
  const { status, body } = await worker.api("/api/rules/test", {
    rules: [
      { name: "good", url: "https://c.example.com/" },
      { name: "bad", url: "https://c.example.com/", match: { body: { Type: [{ prefx: "a" }] } } },
    ],
  });
  assert.equal(status, 400);
  assert.equal(body.error.code, "invalid_rule");
  assert.match(body.error.path, /^rules\[1\]\.match\.body\.Type\[0\]/);
  assert.ok(body.error.message);
});

test("what is no event, or no number of events, is refused", async () => {
  const event = await worker.api("/api/rules/test", { event: { body: {} } });
  assert.deepEqual([event.status, event.body.error.path], [400, "event.command"]);
  for (const last of [0, "many", 1.5])
    assert.equal((await worker.api("/api/rules/test", { last })).status, 400, String(last));
});

test("rules are tried on the events that are kept, beside those of now", async () => {
  const { status, body } = await worker.api("/api/rules/test", {
    rules: [
      {
        name: "communities",
        url: "https://a.example.com/",
        match: { body: { GroupId: ["@TGS#3", "@TGS#4"] } },
      },
      { name: "all", url: "https://c.example.com/" },
    ],
  });
  assert.equal(status, 200);
  assert.equal(body.events, 10);
  const [communities, all] = body.results;
  assert.deepEqual(
    [communities.rule, communities.matches, communities.added.events, communities.removed.events],
    ["communities", 2, 1, 3],
  );
  assert.deepEqual([all.rule, all.matches, all.examples.length], ["all", 10, 5]);
  const { body: example } = await worker.api(`/api/events/${communities.added.examples[0]}`);
  assert.equal(example.body.GroupId, "@TGS#4");
});

test("without rules, those of now are counted over the last events", async () => {
  const { body } = await worker.api("/api/rules/test", { last: 5 });
  assert.equal(body.events, 5);
  assert.deepEqual(
    body.results.map(({ rule, matches }: { rule: string; matches: number }) => [rule, matches]),
    [["communities", 0]],
  );
});
