import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { answered, unanswered, withoutResponse } from "../../src/delivery/outcome.ts";

const at = Date.UTC(2026, 10, 20, 8, 0, 0);
const day = 24 * 60 * 60 * 1000;

const answer = (status: number, headers: Record<string, string> = {}, now = at + 40) =>
  answered({ status, headers: new Headers(headers) }, "sorry", at, now);

test("2xx is delivered, and nothing of the answer is kept", () => {
  for (const status of [200, 201, 202, 204, 299]) {
    assert.deepEqual(answer(status), {
      at,
      ms: 40,
      status,
      error: null,
      response: null,
      delivered: true,
      alive: true,
      gone: false,
      holdMs: null,
    });
  }
});

test("any other status is a failure with a reason and the answer", () => {
  fc.assert(
    fc.property(fc.integer({ min: 300, max: 599 }), (status) => {
      const outcome = answer(status);
      assert.equal(outcome.delivered, false);
      assert.equal(outcome.response, "sorry");
      assert.match(outcome.error ?? "", new RegExp(`^answered ${status}`));
      assert.equal(outcome.alive, !(status >= 500 || status === 408 || status === 429));
      assert.equal(outcome.gone, status === 410);
    }),
  );
});

test("a redirect is reported with its host, cut short", () => {
  const error = (location?: string) => answer(302, location === undefined ? {} : { location }).error ?? "";
  assert.equal(
    error("https://user:secret@new.example.com:8443/a?token=secret"),
    "answered 302 to new.example.com:8443: redirects are not followed",
  );
  assert.equal(error("//cdn.example.com/"), "answered 302 to cdn.example.com: redirects are not followed");
  assert.equal(error("/login"), "answered 302 to itself: redirects are not followed");
  assert.equal(error("https://"), "answered 302: redirects are not followed");
  assert.equal(error(), "answered 302: redirects are not followed");
  assert.ok(error(`https://${"a.".repeat(2000)}example.com`).length < 200);
});

test("Retry-After of 429 and 503 is read in seconds and in HTTP's three date formats", () => {
  const now = Date.UTC(1994, 10, 6, 8, 49, 7);
  const hold = (value: string) => answer(503, { "retry-after": value }, now).holdMs;
  assert.equal(hold("0"), 0);
  assert.equal(hold(" 120 "), 120_000);
  assert.equal(hold("Sun, 06 Nov 1994 08:49:37 GMT"), 30_000);
  assert.equal(hold("Sunday, 06-Nov-94 08:49:37 GMT"), 30_000);
  assert.equal(hold("Sun Nov  6 08:49:37 1994"), 30_000);
  assert.equal(answer(429, { "retry-after": "7" }).holdMs, 7000);
  assert.equal(answer(429, { "retry-after": "7" }).error, "answered 429 and asked to wait 7 s");
});

test("Retry-After is at most a day, and a past date is a hold of 0", () => {
  const hold = (value: string) => answer(429, { "retry-after": value }).holdMs;
  assert.equal(hold("86401"), day);
  assert.equal(hold("9".repeat(400)), day);
  assert.equal(hold("Fri, 31 Dec 2100 23:59:59 GMT"), day);
  assert.equal(hold("Sun, 06 Nov 1994 08:49:37 GMT"), 0);
});

test("an unreadable Retry-After, or one of another status, gives no hold", () => {
  for (const value of [
    "",
    "-5",
    "1.5",
    "1e3",
    "0x10",
    "30, 60",
    "soon",
    "Sun",
    "5 Nov",
    "2026-11-20T09:00:00Z",
    "2026-02-30",
    "Fri, 20 Nov 2026 18:00:00 +0800",
    "Mon, 32 Nov 2026 08:00:00 GMT",
    "Fri, 20 Nov 2026 18:00:00",
  ]) {
    assert.equal(answer(429, { "retry-after": value }).holdMs, null, value);
  }
  assert.equal(answer(429).holdMs, null);
  for (const status of [200, 301, 404, 408, 410, 500, 502]) {
    assert.equal(answer(status, { "retry-after": "60" }).holdMs, null);
  }
});

test("a 508 is reported as a loop", () => {
  assert.equal(answer(508).error, "answered 508: its url leads back to this gateway (a loop)");
});

test("an attempt without an answer has its reason as a sentence", () => {
  const failed = (code: string) =>
    new TypeError("fetch failed", { cause: Object.assign(new Error(), { code }) });
  const sentences: [unknown, string][] = [
    [new DOMException("too late", "TimeoutError"), "no answer after 40 ms"],
    [failed("ECONNREFUSED"), "no answer: ECONNREFUSED"],
    [failed("ERR_SSL_WRONG_VERSION_NUMBER"), "no answer: ERR_SSL_WRONG_VERSION_NUMBER"],
    [failed("constructor"), "nothing was sent: the url or a header is not one that can be sent"],
    [
      new Error("Network connection lost."),
      "the connection was refused, was closed before an answer came, or the answer was not valid HTTP",
    ],
    [
      new Error("internal error; reference = abc"),
      "no connection: the host name or its certificate may be wrong",
    ],
    ["thrown text", "no answer, for an unknown reason"],
    [undefined, "no answer, for an unknown reason"],
  ];
  for (const [error, sentence] of sentences) {
    assert.deepEqual(unanswered(error, at, at + 40), {
      at,
      ms: 40,
      status: null,
      error: sentence,
      response: null,
      delivered: false,
      alive: false,
      gone: false,
      holdMs: null,
    });
  }
});

test("no error's own message is passed on, as it may quote a secret", () => {
  const quoting = [
    "Invalid URL: https://x/?key=hunter2",
    'Headers.append: "hunter2\n" is an invalid header value.',
  ];
  for (const text of quoting) {
    for (const cause of [undefined, Object.assign(new Error(text), { code: `bad ${text}` })]) {
      for (const error of [new TypeError(text, { cause }), new Error(text, { cause })]) {
        assert.doesNotMatch(JSON.stringify(unanswered(error, at, at)), /hunter2/);
      }
    }
  }
});

test("a clock that was set back gives no negative duration", () => {
  assert.equal(answer(200, {}, at - 5).ms, 0);
  assert.equal(unanswered(new Error(), at, at - 5).ms, 0);
});

test("the platform's words for the failure of a binding are a part of its response", () => {
  for (const noun of ["queue", "bucket"])
    assert.equal(withoutResponse(`the ${noun} failed: put: no\nsuch account (10020)`), `the ${noun} failed`);
  assert.equal(withoutResponse("the bucket is not bound any more"), "the bucket is not bound any more");
});
