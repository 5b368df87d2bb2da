import assert from "node:assert/strict";
import { test } from "node:test";
import { newEventId } from "../src/callback/event-id.ts";
import { maskOf } from "../src/delivery/secrets.ts";
import { configureLog, type LogSettings, lineOf, log, logLevels, logs, samples } from "../src/log.ts";

const head = { time: "2026-11-27T08:00:00.000Z", level: "info", at: "callback" } as const;

/** The lines that are printed meanwhile, each with the method of the console that prints it. */
function printed(settings: Partial<LogSettings>, work: () => void): [method: string, line: string][] {
  const lines: [string, string][] = [];
  const methods = ["log", "info", "warn", "error"] as const;
  const originals = methods.map((method) => console[method]);
  for (const method of methods) console[method] = (line: string) => lines.push([method, line]);
  configureLog({ logLevel: "info", logFormat: "json", logSample: 1, secrets: [], ...settings });
  try {
    work();
  } finally {
    for (const [index, method] of methods.entries()) console[method] = originals[index]!;
  }
  return lines;
}

test("each level writes its own lines and those above", () => {
  for (const [index, logLevel] of logLevels.entries()) {
    const lines = printed({ logLevel }, () => {
      for (const level of logLevels) log[level]("try", { level: undefined });
      for (const [at, level] of logLevels.entries()) assert.equal(logs(level), at >= index);
    });
    assert.deepEqual(
      lines.map(([, line]) => JSON.parse(line).level),
      logLevels.slice(index),
    );
  }
});

test("warnings and errors go to the error output, and hold no secret of the settings", () => {
  const secrets = ["https://bot.example.com/hook/0123456789abcdef0123", "admin-token"];
  const error = `TypeError: ${secrets[0]} is no URL, admin-token is wrong`;
  const lines = printed({ secrets }, () => {
    log.info("try", { n: 1 });
    log.warn("try", { error });
    log.error("try", { error });
  });
  assert.deepEqual(
    lines.map(([method]) => method),
    ["info", "warn", "error"],
  );
  for (const [, line] of lines.slice(1))
    assert.equal(JSON.parse(line).error, "TypeError: *** is no URL, *** is wrong");
});

test("JSON is one object, and text is read without quotes where it can be", () => {
  const line = {
    ...head,
    command: "Group.CallbackAfterSendMsg",
    id: "evt_1",
    ms: 3,
    rule: undefined,
    says: "a b",
  };
  assert.equal(
    lineOf(line, "json", null),
    '{"time":"2026-11-27T08:00:00.000Z","level":"info","at":"callback","command":"Group.CallbackAfterSendMsg","id":"evt_1","ms":3,"says":"a b"}',
  );
  assert.equal(
    lineOf(line, "text", null),
    '2026-11-27T08:00:00.000Z info  callback command=Group.CallbackAfterSendMsg id=evt_1 ms=3 says="a b"',
  );
});

test("a text of a stranger begins no line, forges no field and commands no terminal", () => {
  const text = '\u001b[31m\r\n2026 error lost id=1 "\u009b\u202e\u2028\u007f';
  for (const format of ["json", "text"] as const) {
    const line = lineOf({ ...head, sentence: text }, format, null);
    assert.doesNotMatch(line, /[\p{Cc}\u2028-\u202e]/u);
    const [, quoted] = /sentence"?[:=]("(?:[^"\\]|\\.)*")\}?$/.exec(line) ?? [];
    assert.equal(JSON.parse(quoted!), text);
  }
  assert.match(lineOf({ ...head, path: "/a=b" }, "text", null), / path="\/a=b"$/);
});

test("a field is bounded, and keeps whole characters", () => {
  const line = lineOf({ ...head, error: `${"x".repeat(1_999)}\ud83d\udc33${"y".repeat(1e6)}` }, "json", null);
  assert.equal(JSON.parse(line).error, "x".repeat(1_999));
});

test("a secret is masked before the text is cut", () => {
  const error = `${"x".repeat(1_995)}admin-token`;
  const line = lineOf({ ...head, error }, "json", maskOf(["admin-token"]));
  assert.doesNotMatch(line, /admi/);
});

test("a share of the events is sampled, by their ids, and at the level debug all of them", () => {
  const ids = Array.from({ length: 20_000 }, () =>
    newEventId(0, Date.now(), crypto.getRandomValues(new Uint8Array(12))),
  );
  const shareAt = (settings: Partial<LogSettings>) => {
    let sampled = 0;
    printed(settings, () => {
      sampled = ids.filter(samples).length;
    });
    return sampled / ids.length;
  };
  assert.ok(Math.abs(shareAt({ logSample: 0.05 }) - 0.05) < 0.01);
  assert.deepEqual([shareAt({ logSample: 0 }), shareAt({ logSample: 1 })], [0, 1]);
  assert.equal(shareAt({ logSample: 0, logLevel: "debug" }), 1);
});
