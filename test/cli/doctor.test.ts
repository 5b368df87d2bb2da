/** What the doctor makes of answers that no real gateway gives on demand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { commands } from "../../src/cli/commands.ts";
import { judge } from "../../src/cli/doctor/check.ts";
import { checks } from "../../src/cli/doctor/checks.ts";
import type { Parts, Seen } from "../../src/cli/doctor/parts.ts";
import { secondsOff } from "../../src/cli/doctor/probe.ts";
import { othersAmong, topicOf } from "../../src/cli/doctor/topics.ts";
import { linesOf } from "../../src/cli/screen.ts";

/** What a check finds beside these parts. */
function found(name: string, parts: Partial<Parts>, now = 0) {
  const check = checks.find((one) => one.name === name) ?? assert.fail(`there is no check ${name}`);
  const { state, faults } = judge(check, parts as Seen, now);
  return { state, says: faults.map(({ says }) => says) };
}

test("each check has a name of its own, and says what it means and how to mend it", () => {
  assert.equal(new Set(checks.map(({ name }) => name)).size, checks.length);
  for (const { name, looksAt, means, mend } of checks) {
    assert.match(looksAt, /^[a-z].*[^.]$/, name);
    assert.match(means, /^[A-Z].*\.$/, name);
    assert.match(mend, /^[A-Z`].*\.$/, name);
  }
});

test("a remedy shows commands of tim-relay whole, and of those alone that ask a gateway", () => {
  const asking = commands.filter(({ options }) => options.some(({ long }) => long === "--timeout"));
  const names = commands.map((command) => command.name());
  for (const { name, mend } of checks)
    for (const [, code] of mend.matchAll(/`([^`]+)`/g)) {
      const [, shown] = /^npx tim-relay (\S+)/.exec(code!) ?? [];
      if (shown === undefined) assert.ok(!names.includes(code!.split(" ")[0]!), `${name}: ${code}`);
      else
        assert.ok(
          asking.some((command) => command.name() === shown && shown !== "send"),
          `${name}: ${code}`,
        );
    }
});

test("a check that lacks a part is not done, and says why", () => {
  const parts = { rules: { unseen: "it takes a token" } } as unknown as Partial<Parts>;
  assert.equal(found("idle rules", parts).state, "not done");
});

test("clocks are a warning from ten seconds on, and a problem from a minute on", () => {
  const states = [9_000, -11_000, 59_000, -61_000].map((offMs) => found("clock", { clock: { offMs } }).state);
  assert.deepEqual(states, ["ok", "warning", "warning", "problem"]);
});

test("the share of verdicts that no backend gave decides, and a few verdicts say nothing", () => {
  const share = (verdicts: Record<string, number>) => {
    const rule = { name: "mod", kind: "ask", verdicts, latency: { p50: null, p99: null }, problems: [] };
    return found("otherwise", { rules: [rule] as unknown as Parts["rules"] });
  };
  assert.equal(share({ timeout: 19 }).state, "ok");
  assert.equal(share({ answered: 1_000, timeout: 9 }).state, "ok");
  assert.deepEqual(share({ answered: 90, timeout: 4, breaker: 1 }), {
    state: "warning",
    says: ["mod: 5 of 95 verdicts (timeout 4, breaker 1)"],
  });
  assert.equal(share({ answered: 80, rule: 9, invalid: 11 }).state, "problem");
});

test("verdicts are slow from a second on, and far too slow near the gateway's own deadline", () => {
  const states = [999, 1_100, 2_041].map((p99) => {
    const rule = { name: "mod", kind: "ask", latency: { p50: 1, p99 } };
    return found("verdict time", { rules: [rule] as unknown as Parts["rules"] });
  });
  assert.deepEqual(
    states.map(({ state }) => state),
    ["ok", "warning", "problem"],
  );
  assert.deepEqual(states[2]!.says, ["mod: one of a hundred verdicts takes about 1600 of Tencent's 2000 ms"]);
});

test("a backlog is a problem from a minute on, but a warning where somebody has paused the destination", () => {
  const backlog = (state: string, waitingSince: string | null, retrying = 0) => {
    const one = { name: "audit", state, waiting: 2, waitingSince, retrying };
    return found(
      "backlog",
      { destinations: [one] as unknown as Parts["destinations"] },
      Date.parse("2026-01-01T00:02:00Z"),
    ).state;
  };
  assert.equal(backlog("up", "2026-01-01T00:01:30Z"), "ok");
  assert.equal(backlog("up", "2026-01-01T00:00:30Z"), "problem");
  assert.equal(backlog("paused", "2026-01-01T00:00:30Z"), "warning");
  assert.equal(backlog("up", null, 1), "problem");
});

test("a probe that gets another answer than a callback's hints at the path", () => {
  const answer = { status: 405, says: "this route takes GET", clockOffMs: null };
  assert.match(
    found("signature", { signed: [answer] }).says[0]!,
    /^a callback is answered 405 \(is CALLBACK_PATH another one\?\)/,
  );
});

test("a refusal of the time tells by how much it is off", () => {
  const of = (says: string) => secondsOff({ status: 403, says, clockOffMs: null });
  assert.equal(of("RequestTime is 301 s off, more than 60 s"), 301);
  assert.equal(of("Sign does not match any CALLBACK_TOKEN"), null);
});

test("a sentence of /health belongs to one check", () => {
  const names = new Set(["audit"]);
  const topics = {
    "CALLBACK_TOKEN is not set: signatures are not checked": "unsigned",
    "FORWARD_RULES[1].secret: $AUDIT_SECRET is not set": "secrets",
    "FORWARD_RULES_2[0].headers.x-key: a $NAME is not set": "secrets",
    "FORWARD_RULES[1].colour: is not a key of a rule": "rules",
    "SHARDS: expected a whole number from 1 to 256": "settings",
    "ALLOW_FROM lets nobody in: no address can be trusted here without TRUSTED_PROXY": "settings",
    "Group.CallbackAfterRecallMsg: 2 events are quarantined because of GroupId": "quarantine",
    "and 3 more commands and paths with quarantined events": "quarantine",
    "audit: 3 dead letters": "named",
    "gone: no rule has this name any more": "other",
    "shard 0 does not answer: it is overloaded": "other",
  };
  for (const [sentence, topic] of Object.entries(topics))
    assert.equal(topicOf(sentence, names), topic, sentence);
  assert.deepEqual(othersAmong(Object.keys(topics), names).length, 2);
});

test("a text is broken between words, as wide as a terminal shows them", () => {
  assert.deepEqual(linesOf("one two three", Infinity), ["one two three"]);
  assert.deepEqual(linesOf("one two three", 8), ["one two", "three"]);
  assert.deepEqual(linesOf("你好 你好 x", 9), ["你好 你好", "x"]);
  assert.deepEqual(linesOf("a https://long.example.com b", 6), ["a", "https://long.example.com", "b"]);
});
