/** The file of shard 0 alone, which decides for all shards, is restored from a backup, or is gone. */
import assert from "node:assert/strict";
import { copyFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import { ofManyGroups } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { filesByShard } from "./files.ts";

for (const how of ["is older than the others", "is gone"])
  test(`a pause reaches every shard when the file of shard 0 ${how}`, async () => {
    const receiver = await startReceiver();
    const rules = [{ name: "a", url: receiver.url }];
    const gateway = await startGateway({ SHARDS: 3, FORWARD_RULES: rules });
    await gateway.sendAll(ofManyGroups(9, "first-"));
    await receiver.delivered(9);
    await gateway.kill();
    const [file] = filesByShard(gateway.dataDir) as [string];
    copyFileSync(file, `${file}.older`);
    await gateway.start();
    for (let times = 0; times < 2; times++) {
      await gateway.pause("a");
      await gateway.resume("a");
    }
    await gateway.kill();
    filesByShard(gateway.dataDir);
    rmSync(file);
    if (how !== "is gone") copyFileSync(`${file}.older`, file);
    await gateway.start();
    await gateway.pause("a");
    await gateway.sendAll(ofManyGroups(9, "second-"));
    // The older file may let some of the first events wait once more.
    await until("all later events wait", async () => (await gateway.destination("a")).waiting >= 9);
    assert.deepEqual(
      receiver.labels().filter((label) => label.startsWith("second-")),
      [],
    );
    await gateway.resume("a");
    await receiver.delivered(18);
  });
