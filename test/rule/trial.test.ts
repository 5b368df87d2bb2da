import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "../../src/callback/event.ts";
import { parseJson } from "../../src/rule/json.ts";
import { parseRules } from "../../src/rule/parse-rules.ts";
import { pathAt } from "../../src/rule/setting-path.ts";
import { readTrialEvent, runTrial } from "../../src/rule/trial.ts";

const now = Date.UTC(2026, 0, 31, 12);

const trialContext = {
  secret: () => undefined,
  privateNetworks: false,
  local: false,
  retentionMs: 604_800_000,
  bindingProblem: () => null,
};

const read = (text: string) => readTrialEvent(parseJson(text), pathAt("event", assert.fail), now)!;

function mistakes(text: string): string[] {
  const said: string[] = [];
  const event = readTrialEvent(
    parseJson(text),
    pathAt("event", (path, message) => said.push(`${path}: ${message}`)),
    now,
  );
  assert.equal(event, undefined);
  return said;
}

function fieldsOf({ command, phase, known, app, clientIp, platform, receivedAt, body }: Event) {
  return [command, phase, known, app, clientIp, platform, receivedAt, body];
}

test("a trial event needs only a command", () => {
  const event = read('{"command":"Group.CallbackAfterSendMsg"}');
  assert.deepEqual(fieldsOf(event), ["Group.CallbackAfterSendMsg", "after", true, "", null, null, now, "{}"]);
});

test("a trial event has the given values, large numbers included", () => {
  const event = read(
    '{"command":"X.CallbackBeforeY","phase":"after","app":"1400000000","clientIp":"203.0.113.7","platform":"Web",' +
      '"receivedAt":"2026-01-01T00:00:00Z","body":{"Random":144115200000000001},"id":"ignored"}',
  );
  assert.deepEqual(fieldsOf(event), [
    "X.CallbackBeforeY",
    "after",
    false,
    "1400000000",
    "203.0.113.7",
    "Web",
    Date.UTC(2026, 0, 1),
    '{"Random":144115200000000001}',
  ]);
  assert.equal(event.size, event.body.length);
});

test("a trial event has its id, by which a sample chooses; without one every sample does", () => {
  const sampled = (id: string) => {
    const value = [{ name: "a", url: "https://a.example.com", sample: 0.5, template: ["{{body.N}}"] }];
    const book = parseRules([{ name: "FORWARD_RULES", value }], trialContext);
    return runTrial(book, read(`{"command":"A.CallbackB","body":{"N":9007199254740993}${id}}`));
  };
  const fits = [{ rule: "a", matches: true, body: "[9007199254740993]" }];
  assert.deepEqual(sampled(""), fits);
  assert.deepEqual(sampled(',"id":"evt_01kg9d3bq000vn4x8a1c7m2z"'), fits);
  const failed = { field: "sample", found: "0.9973", expected: "below 0.5" };
  assert.deepEqual(sampled(',"id":"evt_01kg9d3bq000vnzx8a1c7m2z"'), [
    {
      rule: "a",
      matches: false,
      failed: { ...failed, why: "sample is 0.9973, and should be below 0.5" },
    },
  ]);
});

test("the phase of a trial event follows from its command", () => {
  assert.equal(read('{"command":"Group.CallbackBeforeSendMsg"}').phase, "before");
  assert.equal(read('{"command":"Sns.CallbackPrevFriendAdd"}').phase, "before");
  assert.equal(read('{"command":"New.CallbackBeforeThing"}').phase, "before");
  assert.equal(read('{"command":"New.CallbackThing"}').phase, "after");
});

test("a body that names its own command may be given alone", () => {
  const event = read('{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"@TGS#2J4SZEAEL"}');
  assert.equal(event.command, "Group.CallbackAfterSendMsg");
  assert.equal(event.body, '{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"@TGS#2J4SZEAEL"}');
});

test("every mistake of a trial event is named", () => {
  assert.match(mistakes("[]").join(), /^event: expected an object/);
  assert.match(mistakes("{}").join(), /^event\.command: expected a command/);
  const all =
    '{"command":"a b","phase":"during","app":1,"clientIp":[],"platform":true,"receivedAt":"soon","body":"{}"}';
  assert.deepEqual(
    mistakes(all).map((one) => one.split(":")[0]),
    ["command", "phase", "app", "clientIp", "platform", "receivedAt", "body"].map((key) => `event.${key}`),
  );
});

test("a trial event's time must be written exactly", () => {
  const at = (receivedAt: string) => `{"command":"A.B","receivedAt":"${receivedAt}"}`;
  assert.equal(read(at("2026-01-31T12:00:00.5+08:00")).receivedAt, Date.UTC(2026, 0, 31, 4, 0, 0, 500));
  for (const wrong of ["2026-02-30T00:00:00Z", "2026-01-31T12:00:00Zjunk", "2026-01-31T25:00:00Z", "1", ""])
    assert.match(mistakes(at(wrong)).join(), /^event\.receivedAt: expected a time/, wrong);
});

test("a trial event's command is bounded in length, its body in depth", () => {
  assert.equal(read(`{"command":"${"a".repeat(128)}"}`).command.length, 128);
  assert.match(mistakes(`{"command":"${"a".repeat(129)}"}`).join(), /^event\.command: .*128/);
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  for (const key of ["body", "app"])
    assert.deepEqual(mistakes(`{"command":"A.B","${key}":{"a":${deep}}}`), [
      `event.${key}: is nested more than 100 levels deep`,
    ]);
  assert.match(mistakes(`{"CallbackCommand":"A.B","a":${deep}}`).join(), /^event\.body: .*100 levels/);
});

test("a trial reports for every rule whether it matches, or which field does not and why", () => {
  const book = parseRules(
    [
      {
        name: "FORWARD_RULES",
        value: [
          { name: "audit", url: "https://audit.example.com" },
          { name: "recalls", on: "*.CallbackAfterRecallMsg", url: "https://feed.example.com" },
          { name: "communities", match: { body: { Type: ["Community"] } }, answer: {} },
        ],
      },
    ],
    trialContext,
  );
  assert.deepEqual(
    runTrial(book, read('{"command":"Group.CallbackAfterSendMsg","body":{"Type":"Private"}}')),
    [
      { rule: "audit", matches: true },
      {
        rule: "recalls",
        matches: false,
        failed: {
          field: "command",
          found: '"Group.CallbackAfterSendMsg"',
          expected: "*.CallbackAfterRecallMsg",
          why: 'command is "Group.CallbackAfterSendMsg", and should be *.CallbackAfterRecallMsg',
        },
      },
      {
        rule: "communities",
        matches: false,
        failed: {
          field: "body.Type",
          found: '"Private"',
          expected: '"Community"',
          why: 'body.Type is "Private", and should be "Community"',
        },
      },
    ],
  );
});
