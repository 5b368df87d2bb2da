import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { relayEventOf, relayEvents } from "../../src/callback/relay-events.ts";
import { startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const receiver = await startReceiver();
const gateway = await startGateway({
  SHARDS: 2,
  FORWARD_RULES: [{ name: "everything", url: receiver.url }],
});

const recall = { GroupId: "@TGS#1", MsgSeqList: [{ MsgSeq: 7 }] };

async function metric(name: string): Promise<number | undefined> {
  const line = (await gateway.metrics()).split("\n").find((one) => one.startsWith(`tim_relay_${name} `));
  return line === undefined ? undefined : Number(line.split(" ")[1]);
}

/** The commands as `/api/commands` lists them. */
async function listedCommands() {
  const { commands } = await gateway.get("/api/commands");
  return commands as {
    command: string;
    phase: string;
    family: string;
    summary: string;
    schema: { type: string; required?: string[] };
    example: Record<string, unknown>;
  }[];
}

test("every command is listed with its schema and example", async () => {
  const commands = await listedCommands();
  assert.deepEqual(
    commands.map(({ command }) => command),
    [...catalogue.keys(), ...relayEvents.map(({ name }) => name)],
  );
  for (const { command, phase, family, summary, schema, example } of commands) {
    assert.match(phase, /^(before|after)$/, command);
    assert.ok(family && summary, command);
    assert.equal(schema.type, "object", command);
    assert.deepEqual(example, (catalogue.get(command) ?? relayEventOf(command))?.example);
  }
});

test("every command's example is kept as known and valid, and forwarded", async () => {
  for (const { name, example } of catalogue.values()) await gateway.accept(name, example);
  const kept = await until("every example is kept", async () => {
    const events = await gateway.allEvents();
    return events.length >= catalogue.keys().length && events;
  });
  for (const name of catalogue.keys()) {
    const event = kept.find(({ command }) => command === name);
    assert.deepEqual([event?.known, event?.valid], [true, true], name);
  }
  await receiver.requests(catalogue.keys().length);
  const forwarded = new Map(
    receiver.received.map(({ body }) => {
      const { type, data } = JSON.parse(body);
      return [type, data];
    }),
  );
  for (const { name, example } of catalogue.values()) assert.deepEqual(forwarded.get(name), example, name);
});

test("without a required field, every command's example is quarantined, with that path", async () => {
  const commands = (await listedCommands()).filter(({ family }) => family !== "Relay");
  for (const { command, phase, schema, example } of commands)
    for (const path of schema.required ?? []) {
      const { [path]: _, ...rest } = example;
      // An empty body would be a probe.
      const { status, text } = await gateway.send(command, { ...rest, New: 1 });
      assert.equal(status, phase === "before" ? 200 : 400, `${command} without ${path}`);
      if (phase === "after") assert.ok(text.includes(`${path}: is missing`), text);
      const quarantined = await until(`${command} without ${path} is quarantined`, async () => {
        const [event] = (await gateway.events({ state: "quarantined", limit: 1, command })).events;
        return event && gateway.event(event.id);
      });
      if (phase === "after")
        assert.deepEqual(quarantined.issues, [{ path, message: "is missing" }], `${command} without ${path}`);
    }
});

test("/api/drift counts undocumented fields by command and path, over all shards", async () => {
  for (let seq = 0; seq < 5; seq++)
    await gateway.send("Group.CallbackAfterRecallMsg", { ...recall, GroupId: `@TGS#${seq}`, Mood: "calm" });
  const { drift } = await gateway.get("/api/drift");
  const mood = drift.find(({ path }: { path: string }) => path === "Mood");
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

test("/metrics counts received, duplicate and refused callbacks", async () => {
  const before = await metric("events_received_total");
  const news = { ...recall, EventTime: "1670574414123" };
  await gateway.send("Group.CallbackAfterRecallMsg", news);
  await gateway.send("Group.CallbackAfterRecallMsg", news);
  await gateway.send("Group.CallbackAfterRecallMsg", news, { query: { SdkAppid: "1400000009" } });
  assert.equal(await metric("events_received_total"), before! + 1);
  assert.equal(await metric("duplicates_total"), 1);
  assert.equal(await metric('callbacks_refused_total{reason="app"}'), 1);
  assert.equal(await metric("events_lost_total"), 0);
});

test("/metrics is 401 without the token", async () => {
  assert.equal((await gateway.request("/metrics", { token: null })).status, 401);
});
