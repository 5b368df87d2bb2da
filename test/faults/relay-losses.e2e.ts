/** Findings whose rows a full disk does not take, or that a crash follows at once: relay events tell of each, once. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { smallDisk } from "./small-disk.ts";

const destroyed = "Group.CallbackAfterGroupDestroyed";
const disk = await smallDisk(16);

/** The bodies of the relay events of a command, as soon as there is one. */
async function told(gateway: Gateway, command: string) {
  return until(
    command,
    async () => {
      const { events } = await gateway.events({ command, limit: 200 });
      const details = await Promise.all(events.map(({ id }) => gateway.event(id)));
      return details.length > 0 && details.map(({ body }) => body);
    },
    150_000,
  );
}

test("a difference that comes while the disk is full is told once there is room, and not again", {
  skip: disk === null && "this system mounts no file system for a test",
  timeout: 300_000,
}, async () => {
  const gateway = await startGateway({ SHARDS: 2 }, { dataDir: join(disk!.path, "drift") });
  const send = (GroupId: string) =>
    gateway.send(destroyed, { GroupId, Unheard: true, Padding: "x".repeat(9_000) });
  for (const GroupId of ["a", "b", "c", "d"]) await gateway.accept(destroyed, { GroupId });
  disk!.fill();
  await until("each is refused", async () => {
    const answers = await Promise.all(["a", "b", "c", "d"].map(send));
    return answers.every(({ status }) => status === 503);
  });
  disk!.free();
  await until("each is taken", async () => {
    const answers = await Promise.all(["a", "b", "c", "d"].map(send));
    return answers.every(({ status }) => status === 200);
  });
  const isOf = (path: string) => (body: { path?: string }) => body.path === path;
  await until("it is told", async () => (await told(gateway, "Relay.Drift")).some(isOf("Unheard")), 150_000);
  await gateway.restart();
  for (const GroupId of ["a", "b", "c", "d"]) assert.equal((await send(GroupId)).status, 200);
  await gateway.accept(destroyed, { GroupId: "a", Later: true });
  await until(
    "a later one is told",
    async () => (await told(gateway, "Relay.Drift")).some(isOf("Later")),
    150_000,
  );
  const paths = (await told(gateway, "Relay.Drift")).map(({ path }) => path).sort();
  assert.deepEqual(paths, ["Later", "Padding", "Unheard"]);
});

test("dead letters are told where a crash comes right after the first", { timeout: 300_000 }, async () => {
  const receiver = await startReceiver(reply(400));
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "strict", url: receiver.url, retry: [] }] });
  await gateway.accept(destroyed, { GroupId: "a" });
  await gateway.destinationIs("strict", { dead: 1 });
  await gateway.restart();
  const letters = await told(gateway, "Relay.DeadLetter");
  assert.deepEqual(
    letters.map(({ destination, count }) => [destination, count]),
    [["strict", 1]],
  );
});
