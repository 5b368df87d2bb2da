/** The log as `npm start` shows it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalReasons } from "../../src/callback/refusal.ts";
import { shownLine } from "../../src/cli/log-line.ts";

const at = "2026-11-27T03:00:00.000Z";
const shown = (fields: object) => shownLine(JSON.stringify({ time: at, level: "info", ...fields }));
const callback = {
  at: "callback",
  command: "Group.CallbackAfterRecallMsg",
  id: "0-1",
  phase: "after",
  ms: 3,
};

test("a callback is a line with its command, id and time", () => {
  assert.match(
    shown({ ...callback, result: "kept" }),
    /^\d\d:\d\d:\d\d ● Group\.CallbackAfterRecallMsg kept as 0-1, 3 ms$/,
  );
});

test("a before-callback has its verdict, and who decided", () => {
  const before = { ...callback, command: "Group.CallbackBeforeSendMsg", phase: "before", result: "kept" };
  assert.match(
    shown({ ...before, code: 0, how: "default" }),
    / allowed \(no rule decides\), kept as 0-1, 3 ms$/,
  );
  assert.match(
    shown({ ...before, code: 1, how: "answered", rule: "moderation" }),
    / refused with code 1 \(rule moderation, answered\), kept as 0-1, 3 ms$/,
  );
});

test("a quarantined callback says which field is wrong, and where the fields are described", () => {
  const sentence =
    "the payload does not fit Group.CallbackAfterRecallMsg: GroupId: expected a text, got a fraction";
  const line = shown({ ...callback, result: "quarantined", sentence });
  assert.match(
    line,
    /✘ a callback was quarantined: the payload .* GroupId: expected a text, got a fraction\. /,
  );
  assert.match(line, /kept as 0-1, and not forwarded\. docs\/commands\.md/);
});

test("each refusal is one line with its status, its sentence and a hint", () => {
  for (const reason of refusalReasons) {
    const line = shown({ at: "refused", level: "warn", reason, status: 403, sentence: "it is not right" });
    assert.match(
      line,
      /^\d\d:\d\d:\d\d ✘ a callback was refused, 403: it is not right\. [A-Z`d].+\.$/,
      reason,
    );
  }
  assert.match(shown({ at: "refused", reason: "app", status: 403, sentence: "x" }), /SDK_APP_ID/);
  assert.match(shown({ at: "refused", reason: "signature", status: 403, sentence: "x" }), /CALLBACK_TOKEN/);
});

test("an attempt is a line that tells what comes next", () => {
  const attempt = {
    at: "attempt",
    destination: "local",
    command: "State.StateChange",
    id: "0-1",
    ms: 12,
    attempt: 2,
  };
  assert.match(
    shown({ ...attempt, result: "delivered", status: 204 }),
    / → local has State\.StateChange 0-1: 204 in 12 ms$/,
  );
  const failed = { ...attempt, status: 500, error: "answered 500" };
  assert.match(
    shown({ ...failed, result: "retry", nextAt: "2026-11-27T03:00:05.400Z" }),
    / ✘ local has not got State\.StateChange 0-1: answered 500, attempt 2, again in 5 s$/,
  );
  assert.match(shown({ ...failed, result: "dead" }), /, attempt 2, given up: a dead letter$/);
  assert.match(
    shown({ ...attempt, events: 7, result: "delivered", status: 200 }),
    / → local has 7 events from 0-1: /,
  );
});

test("any other line has its level and fields, and lines left out are counted", () => {
  assert.match(
    shown({ at: "kept late", level: "warn", id: "0-1", ms: 1_500, omittedBefore: 4 }),
    /^\d\d:\d\d:\d\d warn kept late id=0-1 ms=1500 \(4 lines like this were left out before\)$/,
  );
});

test("Chinese text stays as it is, and no character that a terminal obeys gets through", () => {
  const line = shown({
    at: "attempt",
    destination: "本地",
    result: "dead",
    error: "坏了\n\u001b[2J\u202e",
    attempt: 1,
  });
  assert.ok(line.includes("本地") && line.includes("坏了\\n\\u001b[2J\\u202e"), line);
  assert.equal(shownLine("呀 \u001b[31mx"), "呀 \\u001b[31mx");
  assert.equal(shownLine('{"half'), '{"half');
});
