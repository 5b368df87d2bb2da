/** What destinations do with their connections and with what they are sent, to the real gateway. */
import assert from "node:assert/strict";
import net, { type AddressInfo, type Socket } from "node:net";
import { after, test } from "node:test";
import { startRelay } from "../shard/relay.ts";

/** A destination that does something for each request, knowing how many its connection has carried. */
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
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

test("an event that meets a connection just being closed is delivered by the same attempt, on a new one", async () => {
  const seen: number[] = [];
  const url = await startDestination((socket, _head, requests) => {
    seen.push(requests);
    if (requests === 1) socket.write(ok);
    else socket.resetAndDestroy();
  });
  const relay = await startRelay([{ name: "a", url, retry: [] }]);
  for (const label of ["one", "two", "three"]) {
    await relay.send({ label });
    const { attempts } = await relay.delivery(label, "a", "delivered");
    assert.deepEqual(
      attempts.map(({ status }) => status),
      [200],
    );
  }
  assert.deepEqual(seen, [1, 2, 1, 2, 1]);
});

test("a signature that a destination echoes is not kept", async () => {
  const url = await startDestination((socket, head) => {
    const [signature] = /^webhook-signature: .*$/im.exec(head)!;
    socket.write(`HTTP/1.1 400 Bad\r\nContent-Length: ${signature.length}\r\n\r\n${signature}`);
  });
  const secret = `whsec_${Buffer.alloc(32, "s").toString("base64")}`;
  const relay = await startRelay([{ name: "a", url, secret, retry: [] }]);
  await relay.send({ label: "one" });
  const { attempts } = await relay.delivery("one", "a", "dead");
  assert.match(attempts[0]!.response!, /^webhook-signature: \*\*\*$/i);
});
