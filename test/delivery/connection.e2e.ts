/** Destinations that close connections or echo requests, with the real gateway. */
import assert from "node:assert/strict";
import net, { type Socket } from "node:net";
import { after, test } from "node:test";
import { startGateway } from "../support/gateway.ts";
import { listen } from "../support/listen.ts";
import { until } from "../support/until.ts";

/** A destination whose behaviour depends on the number of requests that a connection has carried. */
async function startDestination(
  meets: (socket: Socket, head: string, requests: number) => void,
): Promise<string> {
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    let requests = 0;
    let received = "";
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (data) => {
      received += data.toString("latin1");
      const [head, body] = received.split("\r\n\r\n");
      const [, length] = /content-length: (\d+)/i.exec(head!) ?? [];
      if (body === undefined || body.length < Number(length)) return;
      received = "";
      meets(socket, head!, ++requests);
    });
  });
  after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `${await listen(server)}/hook`;
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

test("an event on a connection that is just being closed is delivered by the same attempt on a new one", async () => {
  const seen: number[] = [];
  const url = await startDestination((socket, _head, requests) => {
    seen.push(requests);
    if (requests === 1) socket.write(ok);
    else socket.resetAndDestroy();
  });
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "a", url, retry: [] }] });
  for (const label of ["one", "two", "three"]) {
    await gateway.sendLabelled({ label });
    const { attempts } = await gateway.delivery(label, "a", "delivered");
    assert.deepEqual(
      attempts.map(({ status }) => status),
      [200],
    );
  }
  assert.deepEqual(seen, [1, 2, 1, 2, 1]);
});

const crowd = 5;

/** Answers the first requests together, so that each has its own connection, and resets these connections later. */
async function startAgeing(answer: string): Promise<{ url: string; resets: () => number }> {
  const waiting: Socket[] = [];
  let resets = 0;
  const url = await startDestination((socket, _head, requests) => {
    if (requests > 1) {
      resets++;
      socket.resetAndDestroy();
    } else if (waiting.length < crowd) {
      waiting.push(socket);
      if (waiting.length === crowd) for (const one of waiting) one.write(answer);
    } else {
      socket.write(answer);
    }
  });
  return { url, resets: () => resets };
}

const labels = Array.from({ length: crowd }, (_, index) => `old-${index}`);

test("an event on idle connections only is delivered by the same attempt on a new one", async () => {
  const { url, resets } = await startAgeing(ok);
  const rules = [{ name: "a", url, retry: [], concurrency: crowd }];
  const gateway = await startGateway({ FORWARD_RULES: rules, SHARDS: "1" });
  await gateway.sendAll(labels.map((label) => ({ label })));
  for (const label of labels) await gateway.delivery(label, "a", "delivered");
  await gateway.sendLabelled({ label: "new" });
  const { attempts } = await gateway.delivery("new", "a", "delivered");
  assert.equal(attempts.length, 1);
  assert.equal(resets(), crowd);
});

test("a question on idle connections only is answered on a new one", async () => {
  const verdict = '{"ErrorCode":1}';
  const { url, resets } = await startAgeing(
    `HTTP/1.1 200 OK\r\nContent-Length: ${verdict.length}\r\n\r\n${verdict}`,
  );
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "a", ask: url }] });
  const command = "Group.CallbackBeforeSendMsg";
  await Promise.all(labels.map((label) => gateway.sendLabelled({ label, command })));
  await gateway.sendLabelled({ label: "new", command });
  const verdicts = await until("all events are kept", async () => {
    const events = await gateway.allEvents();
    return (
      events.length === crowd + 1 &&
      Promise.all(events.map(async ({ id }) => (await gateway.event(id)).verdict!))
    );
  });
  for (const { how, code, reason } of verdicts) assert.deepEqual([how, code], ["answered", 1], reason);
  assert.equal(resets(), crowd);
});

test("a signature that a destination echoes is not stored", async () => {
  const url = await startDestination((socket, head) => {
    const [signature] = /^webhook-signature: .*$/im.exec(head)!;
    socket.write(`HTTP/1.1 400 Bad\r\nContent-Length: ${signature.length}\r\n\r\n${signature}`);
  });
  const secret = `whsec_${Buffer.alloc(32, "s").toString("base64")}`;
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "a", url, secret, retry: [] }] });
  await gateway.sendLabelled({ label: "one" });
  const { attempts } = await gateway.delivery("one", "a", "dead");
  assert.match(attempts[0]!.response!, /^webhook-signature: \*\*\*$/i);
});
