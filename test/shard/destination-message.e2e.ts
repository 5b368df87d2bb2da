/** The posts that a destination gets, read by the libraries that receivers use. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { app, callbackToken } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { inTurn, type Received, reply, startReceiver } from "../support/receiver.ts";

const oldSecret = `whsec_${Buffer.alloc(32, "old").toString("base64")}`;
const newSecret = `whsec_${Buffer.alloc(32, "new").toString("base64")}`;

/** Spaces, an integer beyond 2^53 and an escape, all of which must arrive unchanged. */
const body = `{ "CallbackCommand":"Group.CallbackAfterRecallMsg", "Operator_Account":"lan", "Type":"Public",
  "GroupId":"@TGS#1", "MsgSeqList":[{"MsgSeq":130}], "EventTime":"1670574414123", "Later":{"Id":9007199254740993123} , "Text":"\\u6d77" }`;

const verify = (secret: string, { body, headers }: Received) =>
  new Webhook(secret).verify(body, headers as Record<string, string>);

describe("a post", { concurrency: 3 }, () => {
  test("is signed by each of two secrets, on every attempt, over the bytes of its body", async () => {
    const receiver = await startReceiver(inTurn(reply(500), reply(200)));
    const gateway = await startGateway({
      FORWARD_RULES: [
        { name: "a", url: receiver.url, secret: ["$OLD_SECRET", "$NEW_SECRET"], retry: ["1200ms"] },
      ],
      OLD_SECRET: oldSecret,
      NEW_SECRET: newSecret,
    });
    await gateway.sendLabelled({ label: "one", body });
    await receiver.delivered(1);
    const [first, second] = receiver.received;
    for (const one of [first!, second!]) {
      for (const secret of [oldSecret, newSecret]) verify(secret, one);
      assert.throws(() => verify(`whsec_${Buffer.alloc(32, "x").toString("base64")}`, one));
      assert.throws(() => verify(oldSecret, { ...one, body: `${one.body} ` }));
      assert.equal(one.headers["content-type"], "application/json");
      assert.match(one.headers["user-agent"]!, /^tim-relay\/\d/);
    }
    assert.equal(first!.id, second!.id);
    assert.equal(first!.body, second!.body);
    assert.notEqual(first!.headers["webhook-timestamp"], second!.headers["webhook-timestamp"]);
    assert.ok(first!.body.endsWith(`,"data":${body}}`));
    const { type, timestamp, id, app: sdkAppId, clientIp, platform } = JSON.parse(first!.body);
    assert.deepEqual(
      { type, id, sdkAppId, clientIp, platform },
      {
        type: "Group.CallbackAfterRecallMsg",
        id: first!.id,
        sdkAppId: app,
        clientIp: "203.0.113.7",
        platform: "one",
      },
    );
    assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test("has headers made of secrets, whose values the API does not show", async () => {
    const receiver = await startReceiver(reply(500));
    const gateway = await startGateway({
      FORWARD_RULES: [
        {
          name: "a",
          url: receiver.url,
          headers: { authorization: "Bearer $API_KEY", "X-Team": "chat$$" },
          retry: [],
        },
      ],
      API_KEY: "key-that-nobody-shall-see",
    });
    await gateway.sendLabelled({ label: "one" });
    const [{ headers }] = (await receiver.requests(1)) as [Received];
    assert.equal(headers.authorization, "Bearer key-that-nobody-shall-see");
    assert.equal(headers["x-team"], "chat$");
    const delivery = await gateway.delivery("one", "a", "dead");
    const shown = JSON.stringify([delivery, await gateway.destination("a"), gateway.log()]);
    assert.ok(!shown.includes("key-that-nobody-shall-see"));
  });

  test("in the raw format is Tencent's own request, signed anew with callbackToken", async () => {
    const receiver = await startReceiver();
    const gateway = await startGateway({
      FORWARD_RULES: [
        {
          name: "signed",
          url: `${receiver.url}signed?team=chat`,
          format: "raw",
          callbackToken: "$RAW_TOKEN",
        },
        { name: "plain", url: `${receiver.url}plain`, format: "raw" },
      ],
      RAW_TOKEN: "another token",
    });
    await gateway.sendLabelled({ label: "the label", body });
    await receiver.requests(2);
    const [plain, signed] = receiver.received.toSorted((a, b) => (a.url < b.url ? -1 : 1));
    const query = `SdkAppid=${app}&CallbackCommand=Group.CallbackAfterRecallMsg&contenttype=json&ClientIP=203.0.113.7&OptPlatform=the+label`;
    assert.equal(plain!.url, `/plain?${query}`);
    assert.equal(plain!.body, body);
    assert.equal(signed!.body, body);
    const [, sign, time] =
      new RegExp(
        `^/signed\\?team=chat&${query.replaceAll(/[.+]/g, "\\$&")}&Sign=(.*)&RequestTime=(\\d+)$`,
      ).exec(signed!.url) ?? assert.fail(signed!.url);
    assert.equal(sign, createHash("sha256").update(`another token${time}`).digest("hex"));
    assert.notEqual(
      sign,
      createHash("sha256")
        .update(callbackToken + time)
        .digest("hex"),
    );
    assert.ok(Math.abs(Date.now() / 1000 - Number(time)) < 60);
  });

  test("in the cloudevents format is one event or a batch of events", async () => {
    const receiver = await startReceiver();
    const gateway = await startGateway({
      FORWARD_RULES: [
        { name: "one", url: `${receiver.url}one`, format: "cloudevents" },
        { name: "batch", url: `${receiver.url}batch`, format: "cloudevents", batch: { size: 2, ms: 60_000 } },
      ],
    });
    await gateway.sendAll([{ label: "first", body }, { label: "second" }]);
    await receiver.requests(3);
    const batch = receiver.received.find(({ url }) => url === "/batch")!;
    const single = receiver.received.find(({ url, labels }) => url === "/one" && labels[0] === "first")!;
    assert.equal(single.headers["content-type"], "application/cloudevents+json");
    assert.equal(batch.headers["content-type"], "application/cloudevents-batch+json");
    assert.ok(single.body.endsWith(`,"data":${body}}`));
    const events = JSON.parse(batch.body);
    assert.equal(events.length, 2);
    assert.deepEqual(events[0], JSON.parse(single.body));
    assert.equal(events[0].specversion, "1.0");
    assert.equal(events[0].id, single.id);
  });
});
