import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { startReceiver } from "./receiver.ts";
import { adminToken, eventually, startWorker, usual } from "./worker.ts";

const receiver = await startReceiver();
const worker = await startWorker({
  ...usual,
  SHARDS: 2,
  ALLOW_PRIVATE_DESTINATIONS: true,
  FORWARD_RULES: [{ name: "everything", url: receiver.url }],
});

const recall = { GroupId: "@TGS#1", MsgSeqList: [{ MsgSeq: 7 }] };

async function metric(name: string): Promise<number | undefined> {
  const response = await fetch(`${worker.url}/metrics`, {
    headers: { authorization: `Bearer ${adminToken}` },
  });
  assert.equal(response.status, 200);
  const line = (await response.text()).split("\n").find((one) => one.startsWith(`tim_relay_${name} `));
  return line === undefined ? undefined : Number(line.split(" ")[1]);
}

test("every command is listed with its schema and example", async () => {
  const { status, body } = await worker.api("/api/commands");
  assert.equal(status, 200);
  assert.deepEqual(
    body.commands.map(({ command }: { command: string }) => command),
    [...catalogue.keys()],
  );
  for (const { command, phase, family, summary, schema, example } of body.commands) {
    assert.match(phase, /^(before|after)$/, command);
    assert.ok(family && summary, command);
    assert.equal(schema.type, "object", command);
    assert.deepEqual(example, catalogue.get(command)?.example);
  }
});

test("every command's example is kept as known and valid, and forwarded", async () => {
  for (const { name, example } of catalogue.values()) {
    const { status, text } = await worker.send(name, example);
    assert.equal(status, 200, `${name}: ${text}`);
  }
  const kept = await eventually(async () => {
    const events = await listAll();
    return events.length >= catalogue.size && events;
  });
  for (const name of catalogue.keys()) {
    const event = kept.find(({ command }) => command === name);
    assert.deepEqual([event?.known, event?.valid], [true, true], name);
  }
  await receiver.requests(catalogue.size);
  const forwarded = new Map(
    receiver.received.map(({ body }) => {
      const { type, data } = JSON.parse(String(body));
      return [type, data];
    }),
  );
  for (const { name, example } of catalogue.values()) assert.deepEqual(forwarded.get(name), example, name);
});

test("without a required field, every command's example is quarantined, with that path", async () => {
  const { body } = await worker.api("/api/commands");
  for (const { command, phase, schema, example } of body.commands)
    for (const path of (schema.required ?? []) as string[]) {
      const { [path]: _, ...rest } = example;
      // With nothing left in it, it would be a probe.
      const { status, text } = await worker.send(command, { ...rest, New: 1 });
      assert.equal(status, phase === "before" ? 200 : 400, `${command} without ${path}`);
      if (phase === "after") assert.ok(text.includes(`${path}: is missing`), text);
      const quarantined = await eventually(async () => {
        const { body } = await worker.api(`/api/events?state=quarantined&limit=1&command=${command}`);
        return body.events[0] && (await worker.api(`/api/events/${body.events[0].id}`)).body;
      });
      if (phase === "after")
        assert.deepEqual(quarantined.issues, [{ path, message: "is missing" }], `${command} without ${path}`);
    }
});

async function listAll(): Promise<{ command: string; known: boolean; valid: boolean; state: string }[]> {
  const events = [];
  for (let cursor = ""; ; ) {
    const { body } = await worker.api(`/api/events?limit=200${cursor && `&cursor=${cursor}`}`);
    events.push(...body.events);
    if (body.cursor === null) return events;
    cursor = body.cursor;
  }
}

test("what differs from the documents is counted by command and path, over all shards", async () => {
  for (let seq = 0; seq < 5; seq++)
    await worker.send("Group.CallbackAfterRecallMsg", { ...recall, GroupId: `@TGS#${seq}`, Mood: "calm" });
  const { body } = await worker.api("/api/drift");
  const mood = body.drift.find(({ path }: { path: string }) => path === "Mood");
  assert.deepEqual(
    { ...mood, firstAt: undefined, lastAt: undefined },
    {
      command: "Group.CallbackAfterRecallMsg",
      path: "Mood",
      kind: "unknown field",
      seen: "string",
      count: 5,
      firstAt: undefined,
      lastAt: undefined,
    },
  );
  assert.ok(mood.firstAt <= mood.lastAt);
});

test("metrics count what was kept, told twice and refused", async () => {
  const before = await metric("events_received_total");
  const news = { ...recall, EventTime: "1670574414123" };
  await worker.send("Group.CallbackAfterRecallMsg", news);
  await worker.send("Group.CallbackAfterRecallMsg", news);
  await worker.send("Group.CallbackAfterRecallMsg", news, { query: { SdkAppid: "1400000009" } });
  assert.equal(await metric("events_received_total"), before! + 1);
  assert.equal(await metric("duplicates_total"), 1);
  assert.equal(await metric('callbacks_refused_total{reason="app"}'), 1);
  assert.equal(await metric("events_lost_total"), 0);
});

test("metrics are for the administrator", async () => {
  assert.equal((await fetch(`${worker.url}/metrics`)).status, 401);
});
