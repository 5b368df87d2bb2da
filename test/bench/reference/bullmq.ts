/**
 * The server that a team would write with BullMQ: it queues a job in Redis, answers, and posts from a worker, with
 * retries. Callbacks are neither checked nor kept after their delivery, and cannot be found again.
 *
 *     node bullmq.ts REDIS_PORT DESTINATION
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Queue, Worker } from "bullmq";

const [port, destination] = process.argv.slice(2) as [string, string];
const connection = { host: "127.0.0.1", port: Number(port), maxRetriesPerRequest: null };
const queue = new Queue("callbacks", {
  connection,
  defaultJobOptions: {
    attempts: 8,
    backoff: { type: "exponential", delay: 1_000 },
    removeOnComplete: true,
  },
});

new Worker(
  "callbacks",
  async ({ data }) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(destination, { method: "POST", headers, body: data });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`answered ${response.status}`);
  },
  { connection, concurrency: 50 },
);

const server = createServer(async (callback, response) => {
  const body = await text(callback);
  await queue.add(JSON.parse(body).CallbackCommand, body);
  response
    .writeHead(200, { "content-type": "application/json" })
    .end('{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}');
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
