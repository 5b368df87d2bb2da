/** The size of a segment's row while many destinations hang. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { numbered } from "../support/callbacks.ts";
import { inDatabase, shardFiles } from "../support/data-folder.ts";
import { startGateway } from "../support/gateway.ts";
import { hang, startReceiver } from "../support/receiver.ts";
import { keptDays } from "./ageing.ts";

/** Of all rows of the only day: the characters beside their events, and the number of events. */
function sizes(dataDir: string): { news: number; events: number } {
  const [file] = shardFiles(dataDir);
  const [day] = keptDays(dataDir);
  return inDatabase(file!, (database) =>
    database.prepare(`SELECT sum(length(news)) AS news, sum(count) AS events FROM segment_${day}`).get(),
  ) as { news: number; events: number };
}

test("a segment's row stays small although 50 destinations hang", async () => {
  const receiver = await startReceiver(hang);
  const rules = Array.from({ length: 50 }, (_, n) => ({
    name: `backend-${n}`,
    url: receiver.url,
    order: "conversation",
    timeoutMs: 60_000,
  }));
  const gateway = await startGateway({ FORWARD_RULES: rules });
  await gateway.sendAll(numbered("a", 120));
  await gateway.kill();
  const { news, events } = sizes(gateway.dataDir);
  assert.equal(events, 120);
  assert.ok(news / events < 50 * 100, `${Math.round(news / events)} characters an event`);
});

test("a segment's row stays small although 30 destinations hang on one conversation", async () => {
  const receiver = await startReceiver((response, { body }) => {
    if (!body.includes("@TGS#stuck")) response.writeHead(200).end();
  });
  const rules = Array.from({ length: 30 }, (_, n) => ({
    name: `backend-${n}`,
    url: receiver.url,
    order: "conversation",
    timeoutMs: 60_000,
  }));
  const gateway = await startGateway({ FORWARD_RULES: rules });
  for (let n = 0; n < 60; n++)
    await gateway.sendAll([
      { label: `s${n}`, group: "@TGS#stuck" },
      { label: `o${n}`, group: `@TGS#${n}` },
    ]);
  await gateway.kill();
  const { news, events } = sizes(gateway.dataDir);
  assert.equal(events, 120);
  assert.ok(news / events < 12_000, `${Math.round(news / events)} characters an event`);
});
