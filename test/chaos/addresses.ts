/** Addresses at which nothing answers. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { listen } from "../support/listen.ts";
import type { Address } from "./misbehaviour.ts";

/** A port that refuses connections. */
export async function refusing(): Promise<Address> {
  const server = createServer();
  const url = `${await listen(server)}/`;
  await new Promise((resolve) => server.close(resolve));
  return { url, close: async () => {} };
}

/** A name that is reserved so that it never resolves (RFC 6761). */
export async function unresolvable(): Promise<Address> {
  return { url: "http://no-such-host.invalid/", close: async () => {} };
}

/** A thread that listens, and takes no connection out of its queue until it is woken. */
const listener = `
  const { workerData, parentPort } = require("node:worker_threads");
  const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => {
      Atomics.wait(workerData, 0, 0);
      process.exit();
    });
  });`;

/** Linux keeps one connection more than the backlog; the further ones are never answered. */
const queued = 2;
const filling = 4;

/** A black hole: its listen queue is full, and Linux drops every further connection without an answer. */
export async function blackHole(): Promise<Address> {
  const woken = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(listener, { eval: true, workerData: woken });
  const [port] = (await once(worker, "message")) as [number];
  const sockets = Array.from({ length: filling }, () => connect(port, "127.0.0.1"));
  await filled(sockets);
  return {
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      Atomics.store(woken, 0, 1);
      Atomics.notify(woken, 0);
      await worker.terminate();
    },
  };
}

function filled(sockets: readonly Socket[]): Promise<void> {
  let connected = 0;
  return new Promise((resolve) => {
    for (const socket of sockets)
      socket
        .on("error", () => {})
        .on("connect", () => {
          if (++connected === queued) resolve();
        });
  });
}
