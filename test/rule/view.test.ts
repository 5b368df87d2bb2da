import assert from "node:assert/strict";
import { test } from "node:test";
import { viewFields, viewOf } from "../../src/rule/view.ts";
import { eventWith } from "../delivery/sample.ts";

const event = eventWith({ receivedAt: 1557481126123, platform: null, body: '{"GroupId":"@TGS#2J4SZEAEL"}' });

test("a view has the fields that patterns may name, as texts that people write", () => {
  const view = viewOf({ ...event });
  assert.deepEqual(Object.keys(view), [...viewFields]);
  assert.deepEqual(
    { ...view },
    {
      command: "Group.CallbackAfterSendMsg",
      phase: "after",
      app: "1400000000",
      clientIp: "203.0.113.7",
      platform: null,
      receivedAt: "2019-05-10T09:38:46.123Z",
      body: { GroupId: "@TGS#2J4SZEAEL" },
    },
  );
});

test("the body is parsed once for all rules, and only when it is read", () => {
  let read = 0;
  const watched = Object.defineProperty({ ...event }, "body", {
    get() {
      read++;
      return event.body;
    },
  });
  const view = viewOf(watched);
  assert.equal(view.command, event.command);
  assert.equal(read, 0);
  assert.equal(view.body, viewOf(watched).body);
  assert.equal(read, 1);
});

test("a body that is not JSON is absent", () => {
  assert.equal(viewOf({ ...event, body: "{" }).body, undefined);
});
