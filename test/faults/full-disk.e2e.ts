/**
 * A disk that is full at the start, and one that fills under load while deliveries fail and are repeated. The gateway
 * refuses the events that it cannot keep, says why, and goes on by itself when there is room.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { bodyOf, type Callback } from "../support/callbacks.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Answer, type Receiver, reply, startReceiver } from "../support/receiver.ts";
import { times } from "../support/repetition.ts";
import { until } from "../support/until.ts";
import { smallDisk } from "./small-disk.ts";

const disk = await smallDisk(16);
const skip = disk === null && "this system mounts no file system for a test";
const isDegraded =
  /^shard [01] (cannot write to its storage, which is full|does not answer: perhaps .* the disk is full|cannot write to its storage, which may be full)/;

/** Every third request fails, so that retries go on. */
function mostlyWell(): Answer {
  let count = 0;
  return (response, request) => reply(++count % 3 === 0 ? 500 : 200)(response, request);
}

const rulesFor = (receiver: Receiver) => [
  { name: "any", url: `${receiver.url}any`, retry: Array.from({ length: 50 }, () => "300ms") },
  {
    name: "ordered",
    url: `${receiver.url}ordered`,
    order: "conversation",
    retry: Array.from({ length: 50 }, () => "300ms"),
  },
];

/** Callbacks of some kilobytes, sent by several senders until they are stopped; their statuses by label. */
function load(gateway: Gateway, prefix: string) {
  const statuses = new Map<string, number>();
  let sent = 0;
  let stopped = false;
  const next = (): Callback => {
    const label = `${prefix}-${++sent}`;
    const group = `@TGS#${sent % 16}`;
    const body = JSON.parse(bodyOf("Group.CallbackAfterRecallMsg", group, label));
    return { label, group, body: JSON.stringify({ ...body, Padding: "x".repeat(2_000) }) };
  };
  const senders = Array.from({ length: 6 }, async () => {
    while (!stopped) {
      const callback = next();
      const status = await gateway.sendLabelled(callback);
      statuses.set(callback.label, status);
    }
  });
  return {
    statuses,
    count: (status: number) => [...statuses.values()].filter((one) => one === status).length,
    async stop() {
      stopped = true;
      await Promise.all(senders);
    },
  };
}

async function assertKept(
  gateway: Gateway,
  receiver: Receiver,
  statuses: ReadonlyMap<string, number>,
): Promise<void> {
  await gateway.restart();
  const labels = await gateway.keptLabels();
  const kept = new Set(labels);
  assert.equal(kept.size, labels.length, "an event is kept twice");
  const lost = [...statuses].filter(([label, status]) => status === 200 && !kept.has(label));
  assert.deepEqual(lost, [], "acknowledged, but not kept");
  assert.deepEqual(
    receiver.labels().filter((label) => !kept.has(label)),
    [],
    "sent, but not kept",
  );
  for (const path of ["/any", "/ordered"])
    await until(`every kept event is delivered to ${path}`, () => {
      const got = new Set(
        receiver.received.flatMap(({ url, status, labels }) =>
          url === path && status === 200 ? labels : [],
        ),
      );
      return labels.every((label) => got.has(label));
    });
}

test("a disk that is full at the start: callbacks are refused with a sentence, and taken when there is room", {
  skip,
  timeout: 300_000,
}, async () => {
  const receiver = await startReceiver(mostlyWell());
  const dataDir = join(disk!.path, "start");
  const gateway = await startGateway({ SHARDS: 2, FORWARD_RULES: rulesFor(receiver) }, { dataDir });
  const before = load(gateway, "before");
  await until("some callbacks are kept", () => before.count(200) > 20);
  await before.stop();
  await gateway.kill();
  disk!.fill();
  await gateway.start();
  const during = load(gateway, "during");
  await until("callbacks are refused", () => during.count(503) > 5);
  await gateway.problem(isDegraded);
  disk!.free();
  const taken = during.count(200);
  await until("callbacks are taken again", () => during.count(200) > taken + 10);
  await during.stop();
  await gateway.noProblem(/./);
  await assertKept(gateway, receiver, new Map([...before.statuses, ...during.statuses]));
});

test("a disk that fills under load costs nothing that was acknowledged, and /health is well again by itself", {
  skip,
  timeout: 300_000,
}, async () => {
  const receiver = await startReceiver(mostlyWell());
  const dataDir = join(disk!.path, "load");
  const gateway = await startGateway({ SHARDS: 2, FORWARD_RULES: rulesFor(receiver) }, { dataDir });
  const pid = gateway.pid;
  const loaded = load(gateway, "load");
  for (let round = 1; round <= times; round++) {
    const taken = loaded.count(200);
    await until("callbacks are kept and sent", () => loaded.count(200) > taken + 30);
    disk!.fill();
    const refused = loaded.count(503);
    await until("callbacks are refused", () => loaded.count(503) > refused + 5);
    await gateway.problem(isDegraded);
    disk!.free();
  }
  const taken = loaded.count(200);
  await until("callbacks are taken again", () => loaded.count(200) > taken + 30);
  await loaded.stop();
  await gateway.noProblem(/^shard/);
  assert.equal(gateway.pid, pid);
  // Each refused callback is kept late, or lost, and counted as such.
  await until("every refused callback is counted", async () => {
    const { late, lost } = countsIn(await gateway.metrics());
    return late + lost >= loaded.count(503);
  });
  await assertKept(gateway, receiver, loaded.statuses);
});

function countsIn(metrics: string): { late: number; lost: number } {
  const sum = (name: string) =>
    [...metrics.matchAll(new RegExp(`^tim_relay_events_${name}_total(?:\\{.*\\})? (\\d+)$`, "gm"))].reduce(
      (all, [, value]) => all + Number(value),
      0,
    );
  return { late: sum("kept_late"), lost: sum("lost") };
}

test("a size limit of files refuses callbacks as a full disk does, and does not end the gateway", {
  skip: (process.platform !== "linux" || !hasPrlimit()) && "this system sets no limit of a running process",
  timeout: 300_000,
}, async () => {
  const receiver = await startReceiver();
  const dataDir = mkdtempSync(join(tmpdir(), "tim-relay-limit-"));
  after(() => rmSync(dataDir, { recursive: true, force: true }));
  const gateway = await startGateway({ FORWARD_RULES: rulesFor(receiver) }, { dataDir });
  const limit = (bytes: string) =>
    execFileSync("prlimit", ["--pid", String(gateway.pid), `--fsize=${bytes}:unlimited`]);
  const loaded = load(gateway, "limit");
  await until("callbacks are kept", () => loaded.count(200) > 20);
  const pid = gateway.pid;
  limit("4096");
  await until("callbacks are refused", () => loaded.count(503) > 5);
  await gateway.problem(/^shard 0 (cannot read or write its file \w+\.sqlite;|does not answer: perhaps )/);
  limit("unlimited");
  const taken = loaded.count(200);
  await until("callbacks are taken again", () => loaded.count(200) > taken + 10);
  await loaded.stop();
  assert.equal(gateway.pid, pid);
  await gateway.noProblem(/^shard/);
  await assertKept(gateway, receiver, loaded.statuses);
});

function hasPrlimit(): boolean {
  try {
    execFileSync("prlimit", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
