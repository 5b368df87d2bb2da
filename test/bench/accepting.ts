/** Events accepted at saturation: the product with one destination, the references, and servers that teams write. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Accepting,
  acceptingHead,
  acceptingRow,
  compare,
  gatewaySubject,
  usualSize,
} from "./acceptance.ts";
import type { Measured } from "./part.ts";
import { withoutRedis } from "./redis.ts";
import { handWrittenServer, queueServer, referenceWorker } from "./references.ts";
import { ratioOf, ratiosOf } from "./sample.ts";
import { type Bench, destination, startGateway } from "./servers.ts";

export async function accepting(bench: Bench): Promise<Measured> {
  const { product, backend, plan, say } = bench;
  const gateway = await startGateway(product, { rules: [destination("d0", backend)] });
  const url = `${backend.url}events`;
  const byHand = await handWrittenServer(url);
  const queue = await queueServer(url);
  const oneRow = await referenceWorker("one-row", product);
  const bare = await referenceWorker("bare", product);
  // Neither tells how much it still has to post.
  const quiet = async () => {
    while ((await backend.seen()).events > 0) await sleep(100);
  };
  const nothingLeft = async () => {};
  const others = [
    { name: "one-row", server: oneRow, settled: nothingLeft },
    { name: "bare", server: bare, settled: nothingLeft },
    { name: "by hand", server: byHand, settled: quiet },
    ...(queue ? [{ name: "BullMQ", server: queue, settled: quiet }] : []),
  ];
  const found = new Map<number, Accepting[]>();
  // The crowd comes first: after it everything is compiled.
  for (const { connections, turns } of plan.accepting) {
    say(`accepting at ${connections} connection${connections === 1 ? "" : "s"}`);
    const subjects = [
      gatewaySubject("tim-relay", gateway, { connections }),
      ...others.map((one) => ({ ...one, connections, size: usualSize })),
    ];
    found.set(connections, await compare(subjects, bench, turns));
  }
  const crowd = found.get(64)!;
  const [ours, rowEach] = crowd as [Accepting, Accepting];
  const share = ({ perSecond }: Accepting) => `${Math.round(ratioOf(ours.perSecond, perSecond) * 100)} %`;
  const others64 = crowd
    .slice(2)
    .map((one) => `${share(one)} of ${described[one.name as keyof typeof described]}`);
  const byConnections = [...found].sort(([one], [other]) => one - other);
  return {
    numbers: {
      acceptRatio: ratiosOf(ours.perSecond, rowEach.perSecond),
      ...(ours.rows && { rowsPerEvent: ours.rows }),
    },
    sentences: [
      `At 64 connections tim-relay accepts ${others64.join(", ")}.`,
      ...(queue ? [] : [`BullMQ is not measured: ${withoutRedis}.`]),
    ],
    tables: [
      {
        title: "Accepted at saturation",
        text:
          "Every connection sends its next callback as soon as the last one is answered. *bare* reads a callback and answers. " +
          "*one-row* parses it and inserts a row in a Durable Object. *by hand* is a Node server that inserts a row in SQLite, " +
          "answers and forwards. *BullMQ* is a Node server that queues a job in Redis, answers, and forwards from a worker with " +
          "retries; Redis writes to the disk once a second, so that a crash loses that second. tim-relay checks, keeps and forwards to one destination. The others are in `test/bench/reference`.",
        head: ["connections", ...acceptingHead],
        rows: byConnections.flatMap(([connections, all]) =>
          all.map((one) => [String(connections), ...acceptingRow(one)]),
        ),
      },
    ],
    bars: new Map(
      byConnections.map(([connections, all]) => [
        `${connections} connection${connections === 1 ? "" : "s"}`,
        all,
      ]),
    ),
  };
}

const described = {
  bare: "what *bare* answers",
  "by hand": "what the server written by hand does",
  BullMQ: "what the server with BullMQ does",
} as const;
