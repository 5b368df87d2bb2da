import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { ApiError, connect, type TailLine } from "../../src/client/index.js";
import { ofManyGroups } from "../support/callbacks.ts";
import { adminToken } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { server } from "../support/other-server.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const receiver = await startReceiver();
const gateway = await startGateway({
  SHARDS: 2,
  FORWARD_RULES: [{ name: "audit", url: receiver.url, retry: [] }],
});
await gateway.sendAll(ofManyGroups(25));
await gateway.destinationIs("audit", { delivered: 25 });

const relay = connect({ url: `${gateway.url}/`, token: adminToken });

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Fails unless a promise rejects with an `ApiError` of this code. */
async function failure(promise: Promise<unknown>, code: string): Promise<ApiError> {
  const error = await promise.then(
    () => assert.fail("it succeeded"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ApiError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

test("operations are called by method and path", async () => {
  assert.equal((await relay.get("/health")).status, "ok");
  assert.deepEqual(await relay.get("/api/me"), { token: "admin", sees: "bodies" });
  const { events } = await relay.get("/api/events", { query: { conversation: "group:@TGS#7" } });
  assert.equal(events.length, 1);
  const event = await relay.get("/api/events/{id}", { path: { id: events[0]!.id } });
  assert.equal(event.deliveries[0]?.destination, "audit");
  const replay = { destination: "audit", since: "1h", until: "0s", dryRun: true };
  assert.deepEqual(await relay.post("/api/replay", { body: replay }), { matched: 25 });
  assert.match(await relay.get("/metrics"), /^# HELP /);
});

test("pages go on where the cursor says", async () => {
  const pages = await all(relay.pages("/api/events", { query: { limit: 10 } }));
  assert.deepEqual(
    pages.map(({ events }) => events.length),
    [10, 10, 5],
  );
  assert.equal(new Set(pages.flatMap(({ events }) => events.map(({ id }) => id))).size, 25);
});

test("an export gives each event with its body, and ends where its reader does", async () => {
  const events = await all(relay.export({ command: "Group.*" }));
  assert.equal(events.length, 25);
  assert.ok(events.every(({ body, deliveries }) => body?.Type === "Community" && deliveries.length === 1));
  for await (const event of relay.export()) {
    assert.equal(event.id, events[0]!.id);
    break;
  }
});

test("a tail gives lines as they come, and acknowledges what was taken", async () => {
  const lines: TailLine[] = [];
  const stop = new AbortController();
  const watching = (async () => {
    for await (const line of relay.tail({ conversation: "@TGS#tail" }, { signal: stop.signal }))
      lines.push(line);
  })();
  watching.catch(() => {});
  await until("the tail is open", async () => {
    await gateway.sendAll([{ label: "early", group: "@TGS#tail" }]);
    return lines.length > 0;
  });
  // More frames than may be unacknowledged.
  for (let n = 0; n < 150; n++) await gateway.sendAll([{ label: `t${n}`, group: "@TGS#tail" }]);
  const events = await until("all have come", () => {
    const found = lines.filter((line) => line.type === "event" && line.event.platform !== "early");
    return found.length >= 150 && found;
  });
  assert.equal(events.length, 150);
  assert.equal(lines.filter(({ type }) => type === "gap").length, 0);
  stop.abort(new Error("enough"));
  await assert.rejects(watching, /^Error: enough$/);
});

test("a tail that a loop leaves is closed, and one that the gateway ends rejects", async () => {
  for await (const line of relay.tail({ since: "1h" })) {
    assert.equal(line.type, "event");
    break;
  }
  const other = await startGateway();
  const tail = connect({ url: other.url, token: adminToken }).tail({ since: "1h" });
  await other.sendAll([{ label: "one" }]);
  assert.equal((await tail.next()).value?.type, "event");
  await other.kill();
  await failure(
    (async () => {
      for (;;) await tail.next();
    })(),
    "tail_closed",
  );
});

test("a tail takes the WebSocket that it is given where the runtime has none, and asks for one", async () => {
  const options = JSON.stringify({ url: gateway.url, token: adminToken });
  const source = `
    import { WebSocket } from "undici";
    import { connect } from ${JSON.stringify(new URL("../../src/client/index.js", import.meta.url).href)};
    console.log(typeof globalThis.WebSocket);
    try {
      for await (const line of connect(${options}).tail()) console.log(line.type);
    } catch (error) {
      console.log(String(error));
    }
    for await (const line of connect({ ...${options}, WebSocket }).tail({ since: "1h" })) {
      console.log(line.type);
      break;
    }`;
  // As Node 20 is.
  const flags = ["--no-experimental-websocket", "--input-type=module", "-e", source];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { timeout: 120_000 });
  assert.deepEqual(stdout.trimEnd().split("\n"), [
    "undefined",
    "TypeError: this runtime has no WebSocket, as Node 20 has none: give connect() one, for example that of undici",
    "event",
  ]);
});

test("what the API refuses is one kind of error, with code, status and sentence", async () => {
  const unknown = await failure(relay.get("/api/events/{id}", { path: { id: "a/b" } }), "unknown_event");
  assert.deepEqual([unknown.status, unknown.message], [404, 'there is no event "a/b"']);
  const rules = [{ name: "x", match: { body: 1 }, url: "https://x.example.com" }];
  const wrong = await failure(
    relay.post("/api/rules/test", {
      body: { rules, event: { command: "C2C.CallbackAfterSendMsg", body: {} } },
    }),
    "invalid_rule",
  );
  assert.match(wrong.path ?? "", /^rules\[0\]/);
  const stranger = connect({ url: gateway.url, token: "wrong" });
  await failure(stranger.get("/api/events"), "wrong_token");
  await failure(all(stranger.export()), "wrong_token");
  await failure(all(stranger.tail()), "wrong_token");
  await failure(all(relay.export({ command: "Nope" })), "unknown_command");
  await failure(all(relay.tail({ command: "Nope" })), "unknown_command");
  await failure(all(relay.tail({ destination: "nope" })), "unknown_destination");
});

test("a part of an address that is empty or dots leads to no other address", async () => {
  for (const part of ["", ".", ".."]) {
    const event = await failure(relay.get("/api/events/{id}", { path: { id: part } }), "bad_id");
    assert.equal(event.message, `id: expected one, got "${part}"`);
    await failure(relay.delete("/api/replays/{id}", { path: { id: part } }), "bad_id");
    await failure(all(relay.poll(part)), "bad_name");
    await failure(all(relay.listen(part)), "bad_name");
  }
});

test("a gateway that does not answer is the same kind of error", async () => {
  const url = await server(() => {});
  const patient = connect({ url, timeoutMs: 100 });
  await failure(patient.get("/health"), "timeout");
  await failure(all(patient.export()), "timeout");
  await failure(all(patient.tail()), "timeout");
  const gone = connect({ url: "http://127.0.0.1:9" });
  await failure(gone.get("/health"), "unreachable");
  await failure(all(gone.tail()), "unreachable");
  const stop = AbortSignal.abort(new Error("not now"));
  await assert.rejects(patient.get("/health", { signal: stop }), /^Error: not now$/);
  assert.throws(() => connect({ url: "ftp://example.com" }), /is no URL of http or https/);
});

test("an export that stops on its way is told from one that is complete", async () => {
  const backend = await startReceiver(
    reply(
      200,
      { "content-type": "application/x-ndjson" },
      '{"id":"evt_1"}\n{"error":{"code":"export_stopped","message":"a shard does not answer"}}\n',
    ),
  );
  const taken: string[] = [];
  const exporting = async () => {
    for await (const { id } of connect({ url: backend.url }).export()) taken.push(id);
  };
  const error = await failure(exporting(), "export_stopped");
  assert.equal(error.message, "a shard does not answer");
  assert.deepEqual(taken, ["evt_1"]);
});

test("a poller with a short time limit pauses between polls that bring nothing", async () => {
  const times: number[] = [];
  const polls: string[] = [];
  const url = await server((request, response) => {
    times.push(performance.now());
    polls.push(request.url!);
    const events = times.length === 2 ? [{ id: "evt_1" }] : [];
    response.setHeader("content-type", "application/json").end(JSON.stringify({ events, after: "a1" }));
  });
  for await (const { events } of connect({ url, timeoutMs: 1_900 }).poll("mail")) {
    assert.equal(events.length, 1);
    break;
  }
  assert.deepEqual(polls, ["/api/poll/mail?wait=0&after=", "/api/poll/mail?wait=0&after=a1"]);
  assert.ok(times[1]! - times[0]! > 900);
});
