/** A refused request leaves its connection usable, or its answer says that the connection is closed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { callbackToken, queryOf, signed } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { connected } from "./wire.ts";

const gateway = await startGateway({ CALLBACK_PATH: "/tim" });

const command = "State.StateChange";
const body = (name: string) => JSON.stringify({ Info: { To_Account: name } });

function callback(
  query: Readonly<Record<string, string>>,
  text: string,
  framing: "length" | "chunks",
): string {
  const head = `POST /tim${queryOf({ CallbackCommand: command, ...query })} HTTP/1.1\r\nHost: relay.example.com\r\n`;
  return framing === "length"
    ? `${head}Content-Length: ${text.length}\r\n\r\n${text}`
    : `${head}Transfer-Encoding: chunked\r\n\r\n${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
}

for (const framing of ["length", "chunks"] as const)
  test(`a refused callback does not cost the next one on its connection, framed by ${framing}`, async () => {
    const wire = await connected(gateway.url);
    for (const size of [10, 100, 1_000, 10_000]) {
      wire.send(callback({}, "x".repeat(size), framing));
      assert.equal((await wire.answer("POST"))?.status, 403);
      assert.equal(wire.closed, false, `${size} bytes`);
      wire.send(callback(signed(callbackToken), body(`${framing}-${size}`), framing));
      assert.equal((await wire.answer("POST"))?.status, 200, `after ${size} bytes`);
    }
    wire.close();
  });
