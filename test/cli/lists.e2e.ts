/** Commands that list how rules decide, what is stuck, and what Tencent's documents do not say. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { commandsAt, outcomeOf } from "../support/command.ts";
import { startGateway } from "../support/gateway.ts";
import { withTimes } from "../support/moment.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const asked = "Group.CallbackBeforeSendMsg";
const textFits = (wildcard: string) => ({ body: { MsgBody: { MsgContent: { Text: [{ wildcard }] } } } });

/** Tries out a backend that refuses everything. */
const strict = await startReceiver(reply(200, {}, '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":10100}'));
const feed = await startReceiver(reply(400, {}, "no such \u001b[31mgroup"));

const gateway = await startGateway({
  FORWARD_RULES: [
    {
      name: "no-links",
      on: asked,
      match: textFits("*http*"),
      answer: { ErrorCode: 1, ErrorInfo: "no links" },
    },
    { name: "strict", on: asked, ask: strict.url, shadow: true },
    { name: "broken", on: "Group.CallbackBeforeCreateGroup", ask: "nowhere" },
    { name: "feed", on: "Group.CallbackAfterRecallMsg", url: feed.url, retry: ["5h"] },
    { name: "index", on: "Group.CallbackAfterRecallMsg", url: feed.url, retry: [] },
  ],
  READ_TOKEN: "reader",
});

const { cwd, environment, relay } = commandsAt(gateway);

before(async () => {
  const words = [
    ["minh", "http://example.com"],
    ["lan", "good morning"],
    ["lan", "restart httpd \u001b[31mnow"],
  ] as const;
  for (const [index, [account, Text]] of words.entries())
    await gateway.send(asked, {
      CallbackCommand: asked,
      GroupId: "@TGS#1",
      Type: "Public",
      From_Account: account,
      Operator_Account: account,
      Random: index,
      MsgBody: [
        { MsgType: "TIMTextElem", MsgContent: { Text } },
        { MsgType: "TIMFaceElem", MsgContent: { Index: 1 } },
      ],
    });
  await until("all verdicts are kept", async () => (await gateway.allEvents()).length === words.length);
});

test("verdicts tells what each rule refused, with the latest words, and how its verdicts came about", async () => {
  const { code, log } = await relay("verdicts");
  assert.equal(code, 0, log);
  assert.match(
    log,
    withTimes(
      /^Refused 2 of about 3 before-callbacks since <time> \(1h ago\)\nRULE +CODE +HOW +REFUSED +ACCOUNTS /,
    ),
  );
  assert.match(
    log,
    withTimes(/^no-links +1 +rule +2 +2 +<time> +restart httpd \\u001b\[31mnow \[TIMFaceElem\] +evt_\w+$/m),
  );
  assert.match(log, /^RULE +KIND +STATE +FITTED +VERDICTS[^\n]*\nno-links +answer +on +2 +rule 2 /m);
  assert.match(log, /^strict +ask +on +3 +answered 3 /m);
  assert.match(log, /tim-relay pause no-links$/m);
});

test("verdicts with --json is one value, and a period without refusals is said to have none", async () => {
  const { asked, refusals, rules, since } = JSON.parse((await relay("verdicts", "--json")).log);
  assert.equal(asked, 3);
  assert.ok(Date.parse(since) < Date.now());
  const [part] = refusals.parts;
  assert.deepEqual(
    [refusals.parts.length, part.rule, part.code, part.how, part.count, part.accounts, part.latest.from],
    [1, "no-links", 1, "rule", 2, 2, "lan"],
  );
  assert.deepEqual(rules, await gateway.get("/api/rules"));
  const none = await relay("verdicts", "--since", "1h", "--until", "30m");
  assert.match(none.log, withTimes(/^Refused 0 of about 0 before-callbacks from <time> to <time>\n/));
  const days = await relay("verdicts", "--since", "3d");
  assert.match(days.log, /^Refused 2 since /);
});

test("a token that sees no bodies is shown no words", async () => {
  const { code, log } = await relay("verdicts", "--token", "reader");
  assert.equal(code, 0, log);
  assert.match(log, withTimes(/^no-links +1 +rule +2 +2 +<time> +evt_\w+$/m));
});

test("a paused rule is named with its problem, and is not to be paused again", async () => {
  await gateway.pause("no-links");
  const { log } = await relay("verdicts");
  assert.match(log, /^no-links +answer +paused /m);
  assert.match(log, /^no-links: is paused, and decides nothing until it is resumed$/m);
  assert.doesNotMatch(log, /tim-relay pause/);
  await gateway.resume("no-links");
});

test("verdicts --diff compares a shadow rule with the verdicts", async () => {
  const { code, log } = await relay("verdicts", "--diff", "strict");
  assert.equal(code, 0, log);
  assert.match(log, /^strict agreed with 0 verdicts, differed from 3 since /);
  assert.match(log, /^TIME +ID +VERDICT +SHADOW +COMMAND$/m);
  assert.equal(log.match(/ refuse 1 +refuse 10100 /g)?.length, 2);
  assert.equal(log.match(/ allow +refuse 10100 /g)?.length, 1);
  const none = await relay("verdicts", "--diff", "strict", "--until", "1h", "--since", "2h");
  assert.match(none.log, /^strict agreed with 0 verdicts, differed from 0 from /);
});

test("a rule of another kind is told apart from one without verdicts, and the right ones are named", async () => {
  for (const [args, sentence] of [
    [["--diff", "strikt"], 'there is no rule "strikt"; shadow rules: strict'],
    [["--diff", "no-links"], "no-links is no shadow rule; shadow rules: strict"],
    [["--diff", "feed"], "feed is no shadow rule; shadow rules: strict"],
    [["--try", "strikt"], 'there is no rule "strikt"; ask or answer rules: no-links, strict'],
    [["--try", "feed"], "feed is no ask or answer rule; ask or answer rules: no-links, strict"],
    [["--try", "broken"], "broken has a wrong rule: /health says what to mend"],
  ] as const)
    for (const json of [[], ["--json"]]) {
      const { code, output, errors } = await outcomeOf(["verdicts", ...args, ...json], {
        cwd,
        environment: environment(),
      });
      assert.deepEqual([code, output, errors], [1, "", `${sentence}\n`]);
    }
});

test("verdicts --try tries a rule of a file, or of the gateway, and Tencent is told nothing", async () => {
  const file = join(cwd, "no-links.jsonc");
  const rule = { name: "no-links", match: textFits("*http://*"), answer: { ErrorCode: 1 } };
  writeFileSync(file, `// narrower\n${JSON.stringify(rule)}`);
  const narrower = await relay("verdicts", "--try", file);
  assert.equal(narrower.code, 0, narrower.log);
  assert.match(narrower.log, /^no-links fits 1 before-callback, and would decide 0 of them otherwise since /);
  const other = await relay("verdicts", "--try", "strict");
  assert.match(other.log, /^strict fits 3 before-callbacks, and would decide 3 of them otherwise since /);
  assert.equal(other.log.match(/ refuse 1 +refuse 10100 /g)?.length, 2);

  writeFileSync(file, "[]");
  for (const [args, sentence] of [
    [["--try", file], /no-links\.jsonc: expected one rule, /],
    [["--try", "./none.json"], /none\.json/],
    [["--try", "a", "--diff", "b"], /^give either --diff or --try\n$/],
    [["--since", "soon"], /^--since: expected a time /],
  ] as const) {
    const { code, log } = await relay("verdicts", ...args);
    assert.match(log, sentence);
    assert.deepEqual([code, log.split("\n").length], [2, 2], log);
  }
});

test("drift lists a field that no document of Tencent has", async () => {
  assert.match((await relay("drift")).log, /^no callback differs/);
  await gateway.accept("Group.CallbackAfterRecallMsg", {
    CallbackCommand: "Group.CallbackAfterRecallMsg",
    GroupId: "@TGS#1",
    Type: "Public",
    Operator_Account: "lan",
    MsgSeqList: [{ MsgSeq: 1 }],
    NewField: 1,
  });
  assert.match((await relay("drift")).log, /\nGroup\.CallbackAfterRecallMsg +NewField +unknown field +1 /);
});

test("destinations says why something is stuck, with the answer of the backend", async () => {
  // An answer of /health is shared for a second.
  await until("/health names both", async () => {
    const { problems } = await gateway.health();
    return ["feed", "index"].every((name) => problems.some((one) => one.startsWith(`${name}: `)));
  });
  const { code, log } = await relay("destinations");
  assert.equal(code, 0, log);
  // What the index was refused counts for the event's state.
  const { id } = (await gateway.events({ state: "dead" })).events[0]!;
  assert.match(log, /^feed +up +0 +1 +0 +answered 400/m);
  assert.match(log, /\n\nfeed: 1 event waits for another attempt \(answered 400\)\nindex: 1 dead letter\n\n/);
  assert.match(
    log,
    new RegExp(
      `^feed {2}${id} {2}Group\\.CallbackAfterRecallMsg {2}group:@TGS#1\n {2}attempt 1 answered 400, again in [45]h\n {2}its answer: no such \\\\u001b\\[31mgroup$`,
      "m",
    ),
  );
  assert.match(log, /tim-relay skip ID$/m);
});
