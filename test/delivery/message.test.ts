import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { type Message, messageFor, withQuery } from "../../src/delivery/message.ts";
import type { ForwardRule } from "../../src/rule/rule.ts";
import { pathAt } from "../../src/rule/setting-path.ts";
import { compileTemplate } from "../../src/rule/template.ts";
import { cpuTime } from "../support/cpu-time.ts";
import { eventWith, httpsAddress, ruleWith } from "./sample.ts";

const now = Date.UTC(2026, 10, 20, 9, 0, 0, 999);
const seconds = String(Math.floor(now / 1000));
const batch = { size: 100, ms: 1000 };
const event = eventWith();
const envelope =
  `{"type":"Group.CallbackAfterSendMsg","timestamp":"2026-11-20T08:30:00.007Z","id":"evt_01m7w179t7007q2e91234567",` +
  `"app":"1400000000","clientIp":"203.0.113.7","platform":"Android","data":${event.body}}`;

test("an event is sent as an envelope with the received text as its data", async () => {
  assert.deepEqual(await messageFor(ruleWith(), [event], now, { version: "1.2.3", id: null }), {
    id: event.id,
    rule: "audit",
    address: httpsAddress("https://audit.example.com/tim"),
    query: "",
    headers: {
      "content-type": "application/json",
      "user-agent": "tim-relay/1.2.3",
      "webhook-id": event.id,
      "webhook-timestamp": seconds,
    },
    body: envelope,
    succeeds: null,
    timeoutMs: 10_000,
  });
});

test("property: the received text is the data, character for character, and the envelope is valid JSON", async () => {
  const space = fc.constantFrom("", " ", "\n", "\r\n\t");
  await fc.assert(
    fc.asyncProperty(fc.json(), space, space, fc.string(), async (json, before, after, clientIp) => {
      const body = before + json + after;
      const sent = (
        await messageFor(ruleWith(), [eventWith({ body, clientIp })], now, {
          version: "1",
          id: null,
        })
      ).body;
      assert.ok(sent.endsWith(`,"data":${body}}`));
      assert.deepEqual(JSON.parse(sent), { ...JSON.parse(sent), clientIp, data: JSON.parse(body) });
    }),
  );
});

test("a parameter that the query lacks is null in the envelope", async () => {
  const sent = await messageFor(ruleWith(), [eventWith({ clientIp: null, platform: null })], now, {
    version: "1",
    id: null,
  });
  const { clientIp, platform } = JSON.parse(sent.body);
  assert.deepEqual({ clientIp, platform }, { clientIp: null, platform: null });
});

test("every format is signed over the very bytes that are sent", async () => {
  const secrets = ["whsec_YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh", "whsec_YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJi"];
  const rules: Partial<ForwardRule>[] = [
    { format: "event" },
    { format: "raw" },
    { format: "cloudevents" },
    { format: "event", batch },
    { format: "cloudevents", batch },
  ];
  for (const rule of rules) {
    const sent = await messageFor(ruleWith({ ...rule, secrets }), [event], Date.now(), {
      version: "1",
      id: null,
    });
    for (const secret of secrets) {
      new Webhook(secret).verify(Buffer.from(sent.body), sent.headers, { jsonParse: false });
    }
  }
});

test("a template makes the body, in a batch a list of them, and is signed", async () => {
  const secrets = ["whsec_YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"];
  const template = compileTemplate({ seq: "{{body.MsgSeq}}" }, pathAt("template", assert.fail));
  const rule = ruleWith({ template: template!, secrets });
  const other = eventWith({ body: '{"MsgSeq":1.0}' });
  const from = { version: "1", id: null };
  const one = await messageFor(rule, [event], Date.now(), from);
  assert.equal(one.body, '{"seq":9007199254740993}');
  assert.equal(one.headers["content-type"], "application/json");
  new Webhook(secrets[0]!).verify(Buffer.from(one.body), one.headers, { jsonParse: false });
  const several = await messageFor({ ...rule, batch }, [event, other], Date.now(), from);
  assert.equal(several.body, '[{"seq":9007199254740993},{"seq":1.0}]');
});

test("the rule's headers are sent too, but do not replace the message's own", async () => {
  const headers = { Authorization: "Bearer x", "Webhook-Id": "mine", "Content-Type": "text/json" };
  const sent = (await messageFor(ruleWith({ headers }), [event], now, { version: "1", id: null })).headers;
  assert.equal(sent.authorization, "Bearer x");
  assert.equal(sent["webhook-id"], event.id);
  assert.equal(sent["content-type"], "text/json");
  assert.deepEqual(
    Object.keys(sent).filter((name) => name !== name.toLowerCase()),
    [],
  );
});

test("a batch is an array of envelopes, in order, under an id of its own", async () => {
  const other = eventWith({ id: "evt_01m7w179t800000000000000", body: "{}" });
  const sent = await messageFor(ruleWith({ batch }), [event, other], now, { version: "1", id: null });
  assert.ok(sent.body.startsWith(`[${envelope},`));
  assert.deepEqual(
    JSON.parse(sent.body).map((each: { id: string }) => each.id),
    [event.id, other.id],
  );
  assert.equal(sent.headers["webhook-id"], sent.id);
  assert.match(sent.id, /^batch_[A-Za-z0-9_-]{22}$/);

  const later = await messageFor(
    ruleWith({ batch, address: httpsAddress("https://new.example.com") }),
    [event, other],
    now + 9e6,
    {
      version: "2",
      id: null,
    },
  );
  assert.equal(later.id, sent.id);
  assert.notEqual(
    (await messageFor(ruleWith({ batch }), [other, event], now, { version: "1", id: null })).id,
    sent.id,
  );
});

test("a batch of one is an array under its event's id", async () => {
  const sent = await messageFor(ruleWith({ batch }), [event], now, { version: "1", id: null });
  assert.equal(sent.body, `[${envelope}]`);
  assert.equal(sent.id, event.id);
});

test("several events without batch, and no event at all, throw", async () => {
  for (const rule of [ruleWith(), ruleWith({ format: "raw", batch })]) {
    await assert.rejects(
      messageFor(rule, [event, event], now, { version: "1", id: null }),
      /audit holds one event, not 2/,
    );
  }
  await assert.rejects(messageFor(ruleWith({ batch }), [], now, { version: "1", id: null }), /not 0/);
});

/** The URL that an HTTPS destination is sent. */
const urlOf = ({ address, query }: Message) => withQuery(address.url, query);

test("raw is Tencent's own request: its body, and its query on the rule's url", async () => {
  const query = "SdkAppid=1400000000&ClientIP=203.0.113.7&OptPlatform=%e5%ae%89+x&CallbackCommand=A.b";
  const raw = (url: string, of = query) =>
    messageFor(ruleWith({ format: "raw", address: httpsAddress(url) }), [eventWith({ query: of })], now, {
      version: "1",
      id: null,
    });

  assert.equal((await raw("https://x.example.com/cb")).body, event.body);
  assert.equal((await raw("https://x.example.com/cb")).headers["content-type"], "application/json");
  const urls = {
    "https://x.example.com/cb": `https://x.example.com/cb?${query}`,
    "https://x.example.com": `https://x.example.com?${query}`,
    "https://x.example.com/cb?": `https://x.example.com/cb?${query}`,
    "https://x.example.com/cb?key=a%2Fb": `https://x.example.com/cb?key=a%2Fb&${query}`,
    "https://x.example.com/cb?key=a&": `https://x.example.com/cb?key=a&${query}`,
    "https://x.example.com/cb?key=a#part?y": `https://x.example.com/cb?key=a&${query}`,
    "https://x.example.com/cb#part": `https://x.example.com/cb?${query}`,
  };
  for (const [url, expected] of Object.entries(urls)) assert.equal(urlOf(await raw(url)), expected);
  assert.equal(urlOf(await raw("https://x.example.com/cb", "")), "https://x.example.com/cb");
});

test("raw signs the query anew as Tencent does, if the rule has a token", async () => {
  const rule = ruleWith({ format: "raw", callbackToken: "令牌-1" });
  const sign = createHash("sha256").update(`令牌-1${seconds}`).digest("hex");
  assert.equal(
    urlOf(await messageFor(rule, [event], now, { version: "1", id: null })),
    `https://audit.example.com/tim?${event.query}&Sign=${sign}&RequestTime=${seconds}`,
  );
  const bare = await messageFor(rule, [eventWith({ query: "" })], now, { version: "1", id: null });
  assert.equal(urlOf(bare), `https://audit.example.com/tim?Sign=${sign}&RequestTime=${seconds}`);
});

test("cloudevents is CloudEvents 1.0 in JSON", async () => {
  const sent = await messageFor(ruleWith({ format: "cloudevents" }), [event], now, {
    version: "1",
    id: null,
  });
  assert.equal(sent.headers["content-type"], "application/cloudevents+json");
  assert.ok(sent.body.endsWith(`,"data":${event.body}}`));
  assert.deepEqual(JSON.parse(sent.body), {
    specversion: "1.0",
    id: event.id,
    source: "/tencent-im/1400000000",
    type: "Group.CallbackAfterSendMsg",
    subject: "group:@TGS#2J4SZEAEL",
    time: "2026-11-20T08:30:00.007Z",
    datacontenttype: "application/json",
    phase: "after",
    clientip: "203.0.113.7",
    platform: "Android",
    data: JSON.parse(event.body),
  });
});

test("cloudevents leaves out absent attributes, as it has no null", async () => {
  const bare = eventWith({ conversation: null, clientIp: null, platform: null, body: "{}" });
  const sent = (
    await messageFor(ruleWith({ format: "cloudevents" }), [bare], now, { version: "1", id: null })
  ).body;
  assert.deepEqual(Object.keys(JSON.parse(sent)), [
    "specversion",
    "id",
    "source",
    "type",
    "time",
    "datacontenttype",
    "phase",
    "data",
  ]);
});

test("cloudevents with batch is the batch format, also for one event", async () => {
  const rule = ruleWith({ format: "cloudevents", batch });
  const single = (
    await messageFor(ruleWith({ format: "cloudevents" }), [event], now, {
      version: "1",
      id: null,
    })
  ).body;
  for (const events of [[event], [event, event]]) {
    const sent = await messageFor(rule, events, now, { version: "1", id: null });
    assert.equal(sent.headers["content-type"], "application/cloudevents-batch+json");
    assert.equal(sent.body, `[${events.map(() => single).join(",")}]`);
  }
});

test("a post names the gateways of its events, each once, and this gateway last", async () => {
  const loop = async (own: string | null, ...via: (string | undefined)[]) => {
    const events = via.map((one) => eventWith(one === undefined ? {} : { via: one }));
    return (await messageFor(ruleWith({ batch }), events, now, { version: "1", id: own })).headers[
      "tim-relay-loop"
    ];
  };
  assert.equal(await loop(null, undefined), undefined);
  assert.equal(await loop("us", undefined), "us");
  assert.equal(await loop(null, "a, b"), "a, b");
  assert.equal(await loop("us", "a,b", undefined, " b ,c"), "a, b, c, us");
  assert.equal(await loop("us", "us, a"), "a, us");
});

test("a received list of gateways is bounded, and never hides this gateway", async () => {
  const via = Array.from({ length: 1_000 }, (_, index) => `gateway-${index}`).join();
  for (const one of [via, "x".repeat(10_000), "名字, a\u0001b", ",,"]) {
    const message = await messageFor(ruleWith(), [eventWith({ via: one })], now, { version: "1", id: "us" });
    const names = message.headers["tim-relay-loop"]!.split(", ");
    assert.equal(names.at(-1), "us");
    assert.ok(names.length <= 51 && names.join("").length < 6_000);
    assert.match(names.join(""), /^[\x21-\x7e]+$/);
  }
});

test("no rule can set the header of gateways", async () => {
  const headers = { "Tim-Relay-Loop": "nobody" };
  const sent = (await messageFor(ruleWith({ headers }), [event], now, { version: "1", id: "us" })).headers;
  assert.equal(sent["tim-relay-loop"], "us");
});

/** The characters that a CloudEvents String may not hold, copied once more from the specification. */
function isString(text: string): boolean {
  return [...text].every((character) => {
    const code = character.codePointAt(0)!;
    const control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    const nonCharacter = (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) === 0xfffe;
    return !control && !nonCharacter && !(code >= 0xd800 && code <= 0xdfff);
  });
}

test("property: CloudEvents attributes are valid Strings, and differ for different events", async () => {
  const odd = fc.constantFrom(
    "\u0000",
    "\n",
    "\u001f",
    "\u007f",
    "\u0085",
    "\ud800",
    "\udfff",
    "\ufdd0",
    "\uffff",
  );
  // Texts that look as if they held an escape.
  const written = fc.constantFrom("\\", "\\u{", "\\u{0}", "\\u{7f}", "u{a}", "}", "a");
  const unit = fc.oneof(odd, fc.constantFrom("a", "群", "😀", "\u{1fffe}", "\u{10ffff}"), written);
  const text = fc.string({ unit, minLength: 1, maxLength: 8 });
  const attributes = async (one: string) => {
    const event = eventWith({ command: one, app: one, conversation: one, clientIp: one, platform: one });
    return JSON.parse(
      (await messageFor(ruleWith({ format: "cloudevents" }), [event], now, { version: "1", id: null })).body,
    );
  };
  await fc.assert(
    fc.asyncProperty(text, text, async (one, other) => {
      const { data, ...sent } = await attributes(one);
      for (const [name, value] of Object.entries(sent)) {
        assert.match(name, /^[a-z0-9]+$/);
        assert.ok(value !== "" && isString(value as string), name);
      }
      const others = await attributes(other);
      for (const name of ["type", "subject", "clientip", "platform"])
        assert.equal(others[name] === sent[name], one === other, name);
      // A URI-reference.
      assert.match(sent.source, /^\/tencent-im\/[\w.!~*'()%-]+$/);
    }),
  );
});

test("a character that CloudEvents disallows is escaped, and an empty attribute is left out", async () => {
  const odd = eventWith({ conversation: "group:a\u0001\ud800\\", clientIp: "", platform: "" });
  const sent = JSON.parse(
    (await messageFor(ruleWith({ format: "cloudevents" }), [odd], now, { version: "1", id: null })).body,
  );
  assert.equal(sent.subject, "group:a\\u{1}\\u{d800}\\");
  assert.ok(!("clientip" in sent) && !("platform" in sent));
  const nameless = eventWith({ conversation: "" });
  assert.ok(
    !(
      "subject" in
      JSON.parse(
        (await messageFor(ruleWith({ format: "cloudevents" }), [nameless], now, { version: "1", id: null }))
          .body,
      )
    ),
  );
});

test("a text that looks like an escape is distinguished from one, and other backslashes stay", async () => {
  const subject = async (conversation: string) =>
    JSON.parse(
      (
        await messageFor(ruleWith({ format: "cloudevents" }), [eventWith({ conversation })], now, {
          version: "1",
          id: null,
        })
      ).body,
    ).subject;
  const cases: [conversation: string, subject: string][] = [
    ["group:a\u0007b", "group:a\\u{7}b"],
    ["group:a\\u{7}b", "group:a\\\\u{7}b"],
    ["group:a\\\u0007b", "group:a\\\\\\u{7}b"],
    ["group:C:\\users\\\\x\\", "group:C:\\users\\\\x\\"],
    ["group:\\u0007 \\u{x} u{7}", "group:\\u0007 \\u{x} u{7}"],
    // A search that restarts at each position would take seconds.
    ["\\".repeat(60_000), "\\".repeat(60_000)],
  ];
  const from = cpuTime();
  for (const [conversation, expected] of cases) assert.equal(await subject(conversation), expected);
  assert.ok(cpuTime() - from < 1_000);
});
