/** Many answers that are bombs, all unpacked at the same time: the memory of the process stays bounded. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { firstPosts } from "../../src/delivery/concurrency.ts";
import { ofManyGroups } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { peakBytes, untold } from "../support/process-stats.ts";
import { until } from "../support/until.ts";
import { type MisbehavingServer, play } from "./server.ts";
import { playable } from "./stage.ts";

const atOnce = 50;

/** Megabytes by which the process may grow at the most. A window of Brotli alone takes 16 for each answer. */
const mostGrowth = 300;

/** Holds all answers until so many are asked for. */
async function bombing(name: string): Promise<MisbehavingServer> {
  const bomb = playable.find((one) => one.name === name)!;
  const held: (() => void)[] = [];
  const server = await play(() => ({
    ...bomb,
    asked: (socket, request) => {
      held.push(() => bomb.asked!(socket, request));
      if (held.length >= atOnce) for (const drop of held.splice(0)) drop();
    },
  }));
  after(server.close);
  return server;
}

describe("fifty bombs at once", {
  skip: untold,
}, () => {
  for (const kind of ["br-bomb", "gzip-bomb", "gigabyte-chunked"]) {
    test(`as answers of a destination: ${kind}`, async () => {
      const { url } = await bombing(`${kind}-500`);
      // A destination gets few posts at once before it has answered any.
      const rules = Array.from({ length: atOnce / firstPosts }, (_, n) => ({
        name: `a-${n}`,
        url,
        retry: [],
      }));
      const gateway = await startGateway({ FORWARD_RULES: rules });
      const before = peakBytes(gateway.pid);
      const callbacks = ofManyGroups(firstPosts);
      await Promise.all(callbacks.map((callback) => gateway.sendLabelled(callback)));
      await until("every attempt has ended", async () => {
        const destinations = await gateway.destinations();
        const ended = destinations.reduce((sum, { delivered, dead }) => sum + delivered + dead, 0);
        return ended === atOnce;
      });
      const growth = (peakBytes(gateway.pid) - before) / 2 ** 20;
      assert.ok(growth < mostGrowth, `grew by ${growth} MB`);
    });

    test(`as verdicts of a backend: ${kind}`, async () => {
      const { url } = await bombing(`${kind}-200`);
      const gateway = await startGateway({ FORWARD_RULES: [{ name: "a", ask: url, deadlineMs: 1_500 }] });
      const before = peakBytes(gateway.pid);
      const command = "Group.CallbackBeforeSendMsg";
      const { example } = catalogue.get(command)!;
      await Promise.all(Array.from({ length: atOnce }, () => gateway.accept(command, example)));
      const growth = (peakBytes(gateway.pid) - before) / 2 ** 20;
      assert.ok(growth < mostGrowth, `grew by ${growth} MB`);
    });
  }
});
