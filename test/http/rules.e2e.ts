import assert from "node:assert/strict";
import { test } from "node:test";
import { startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

const gateway = await startGateway({
  SHARDS: 2,
  FORWARD_RULES: [
    { name: "communities", url: "https://a.example.com/", match: { body: { Type: ["Community"] } } },
    { name: "mine", url: "https://b.example.com/", secret: "$NOBODY" },
  ],
});

const recall = "Group.CallbackAfterRecallMsg";

for (let seq = 0; seq < 10; seq++)
  await gateway.accept(recall, {
    GroupId: `@TGS#${seq}`,
    MsgSeqList: [{ MsgSeq: seq }],
    Type: seq < 4 ? "Community" : "Public",
  });

test("the present rules are tried on an event, with the field that does not match", async () => {
  const { status, body } = await gateway.api("/api/rules/test", {
    event: { command: recall, body: { Type: "Public" } },
  });
  assert.equal(status, 200);
  assert.equal(body.results.length, 1);
  const [{ rule, matches, failed }] = body.results;
  assert.deepEqual([rule, matches, failed.field], ["communities", false, "body.Type"]);
  assert.match(failed.why, /"Public".*"Community"/);
});

test("rules of the request are tried on an event", async () => {
  const { body } = await gateway.api("/api/rules/test", {
    rules: [
      { name: "public", url: "https://c.example.com/", match: { body: { Type: [{ prefix: "Pub" }] } } },
    ],
    event: { command: recall, body: { Type: "Public" } },
  });
  assert.deepEqual(body.results, [{ rule: "public", matches: true }]);
});

test("numbers beyond 2^53 in events and rules keep their digits", async () => {
  const response = await gateway.request("/api/rules/test", {
    method: "POST",
    body: `{"rules":[{"name":"one","url":"https://c.example.com/","match":{"body":{"Id":[144115200000000001]}}}],
            "event":{"command":"${recall}","body":{"Id":144115200000000000}}}`,
  });
  const { results } = (await response.json()) as { results: { matches: boolean }[] };
  assert.equal(results[0]?.matches, false);
});

async function post(path: string, body: string) {
  const response = await gateway.request(path, { method: "POST", body });
  const { error } = (await response.json()) as { error?: { code: string; message: string; path?: string } };
  return { status: response.status, error };
}

test("a repeated key is refused, with its path", async () => {
  const rule = (match: string) => `{"name":"one","url":"https://c.example.com/","match":${match}}`;
  for (const [body, path] of [
    [
      `{"rules":[${rule('{"body":{"Type":["A"]}}')},${rule('{"body":{"Type":["A"]},"body":{"From_Account":["lan"]}}')}]}`,
      "rules[1].match.body",
    ],
    [`{"rules":[${rule('{"body":{"Type":["A"],"Type":["B"]}}')}]}`, "rules[0].match.body.Type"],
    ['{"rules":[],"rules":[]}', "rules"],
    [`{"event":{"command":"${recall}","body":{"Type":"A","Type":"B"}}}`, "event.body.Type"],
  ] as const) {
    const { status, error } = await post("/api/rules/test", body);
    assert.equal(status, 400, body);
    assert.equal(error?.path, path);
    assert.match(error!.message, /given twice/);
  }
  const trial = '{"rule":{"answer":{"ErrorCode":1},"match":{"app":["1"],"app":["2"]}}}';
  assert.deepEqual(await post("/api/verdicts/replay", trial), {
    status: 400,
    error: { code: "bad_body", message: "is given twice", path: "rule.match.app" },
  });
});

test("a body nested too deeply is refused, with the path", async () => {
  const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  for (const [path, body, at] of [
    [
      "/api/rules/test",
      `{"rules":[{"name":"a","url":"https://c.example.com/","match":${deep}}]}`,
      "rules[0].match",
    ],
    [
      "/api/rules/test",
      `{"event":{"command":"${recall}","body":{"a":${deep},"n":144115200000000001}}}`,
      "event.body",
    ],
    ["/api/rules/test", `{"rules":${deep}}`, "rules[0]"],
    ["/api/verdicts/replay", `{"rule":{"ask":"https://c.example.com/","match":${deep}}}`, undefined],
    ["/api/verdicts/replay", `{"rule":{"ask":"https://c.example.com/","headers":${deep}}}`, undefined],
  ] as const) {
    const { status, error } = await post(path, body);
    assert.equal(status, 400, JSON.stringify(error));
    assert.equal(error?.path, at);
  }
});

test("an invalid rule is refused, with its path", async () => {
  const { status, body } = await gateway.api("/api/rules/test", {
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

test("an event without a command, and a wrong number of events, is refused", async () => {
  const event = await gateway.api("/api/rules/test", { event: { body: {} } });
  assert.deepEqual([event.status, event.body.error.path], [400, "event.command"]);
  for (const last of [0, "many", 1.5])
    assert.equal((await gateway.api("/api/rules/test", { last })).status, 400, String(last));
});

test("a misspelt key of an event is refused; a callback's body and an event of the API are accepted", async () => {
  const refusal = async (body: object) => {
    const answer = await gateway.api("/api/rules/test", body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    return answer.body.error as { message: string; path?: string };
  };
  const misspelt = await refusal({ event: { command: "A.B", bdy: {} } });
  assert.deepEqual(
    [misspelt.path, misspelt.message],
    ["event.bdy", "is not a key of an event: did you mean body?"],
  );
  assert.equal(
    (await refusal({ event: { command: "A.B", clientip: "203.0.113.7" } })).path,
    "event.clientip",
  );
  assert.match((await refusal({ event: { command: "A.B" }, last: 5 })).message, /event and last/);

  const { events } = (await gateway.api("/api/events?limit=1")).body;
  const { body: whole } = await gateway.api(`/api/events/${events[0].id}`);
  for (const event of [whole, { CallbackCommand: recall, GroupId: "g", bdy: 1 }])
    assert.equal((await gateway.api("/api/rules/test", { event })).status, 200);
});

test("rules of the request are tried on the kept events, beside the present rules", async () => {
  const { status, body } = await gateway.api("/api/rules/test", {
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
  assert.deepEqual([body.changed.events, body.changed.examples.length], [10, 5]);
  const { body: example } = await gateway.api(`/api/events/${communities.added.examples[0]}`);
  assert.equal(example.body.GroupId, "@TGS#4");
});

test("an event has changed where other rules match it than now, whichever they are", async () => {
  const changed = async (match: object) => {
    const rules = [{ name: "communities", url: "https://a.example.com/", match }];
    return (await gateway.api("/api/rules/test", { rules })).body.changed;
  };
  assert.equal((await changed({ body: { Type: ["Community"] } })).events, 0);
  const { events, examples } = await changed({ body: { GroupId: ["@TGS#3", "@TGS#4"] } });
  assert.deepEqual([events, examples.length], [4, 4]);
});

test("without rules in the request, the present rules are tried on the last events", async () => {
  const { body } = await gateway.api("/api/rules/test", { last: 5 });
  assert.equal(body.events, 5);
  assert.deepEqual(body.changed, { events: 0, examples: [] });
  assert.deepEqual(
    body.results.map(({ rule, matches }: { rule: string; matches: number }) => [rule, matches]),
    [["communities", 0]],
  );
});

test("the last events are tried without relay events, unless a rule names some", async () => {
  await gateway.pause("communities");
  await gateway.resume("communities");
  await until("both actions are told", async () => {
    const { events } = await gateway.events({ command: "Relay.Action" });
    return events.length === 2;
  });
  const tried = async (last: number, on?: string) => {
    const rules = [{ name: "tried", url: "https://c.example.com/", ...(on && { on }) }];
    const { events, results } = (await gateway.api("/api/rules/test", { rules, last })).body;
    return [events, results.find(({ rule }: { rule: string }) => rule === "tried").matches];
  };
  assert.deepEqual(await tried(1_000), [10, 10]);
  assert.deepEqual(await tried(5), [5, 5], "relay events take no place of others");
  assert.deepEqual(await tried(1_000, "Relay.*"), [12, 2]);
  assert.deepEqual(await tried(2, "Relay.*"), [2, 2], "they are the newest");
});

test("a body of white space is an empty one", async () => {
  const asked = (body: string) => gateway.request("/api/rules/test", { method: "POST", body });
  const [empty, blank] = await Promise.all([asked(""), asked(" \n")]);
  assert.equal(blank.status, 200);
  assert.deepEqual(await blank.json(), await empty.json());
});

test("a rule nested thousands of levels deep is invalid, and stops neither the gateway nor other rules", async () => {
  const deep = (open: string, close: string) => `${open.repeat(3_000)}["x"]${close.repeat(3_000)}`;
  await gateway.restart({
    SHARDS: 2,
    FORWARD_RULES: [{ name: "good", url: "https://a.example.com/" }],
    FORWARD_RULES_2: `[{"name":"deep","url":"https://b.example.com/","match":{"body":${deep('{"a":', "}")}}}]`,
    FORWARD_RULES_3: `[{"name":"lists","url":"https://b.example.com/","headers":${"[".repeat(6_000)}${"]".repeat(6_000)}}]`,
    FORWARD_RULES_4: `[{"name":"dots","url":"https://b.example.com/","match":{"body":{"${"a.".repeat(6_000)}a":["x"]}}}]`,
    FORWARD_RULES_5: [{ name: "deeper", url: "https://b.example.com/", match: { body: nested(300) } }],
  });
  await gateway.accept(recall, { GroupId: "@TGS#deep", MsgSeqList: [{ MsgSeq: 99 }], Type: "Public" });
  const problems = await gateway.problems();
  for (const path of [
    "FORWARD_RULES_2[0].match",
    "FORWARD_RULES_3[0].headers",
    "FORWARD_RULES_4[0].match.body",
    "FORWARD_RULES_5[0].match",
  ])
    assert.ok(
      problems.some((problem) => problem.startsWith(path) && problem.includes("100 levels")),
      path,
    );
  const { body } = await gateway.api("/api/rules/test", { event: { command: recall, body: {} } });
  assert.deepEqual(body.results, [{ rule: "good", matches: true }]);
});

function nested(levels: number): Record<string, never> {
  return Array.from({ length: levels }).reduce<object>((inner) => ({ a: inner }), { b: ["x"] }) as Record<
    string,
    never
  >;
}
