import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { sign } from "../../src/delivery/signature.ts";

const secretOf = (byte: string, length = 24) =>
  `whsec_${Buffer.from(byte.repeat(length)).toString("base64")}`;
const now = () => Math.floor(Date.now() / 1000);

function accepts(secret: string, id: string, seconds: number, signature: string, body: string): boolean {
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": signature,
  };
  try {
    new Webhook(secret).verify(body, headers, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

test("property: the signature equals the reference library's for any key, id and text", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 24, maxLength: 64 }),
      fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/),
      fc.string({ unit: "grapheme" }),
      async (key, id, body) => {
        const secret = `whsec_${Buffer.from(key).toString("base64")}`;
        const time = new Date(1_760_000_000_000);
        assert.equal(await sign([secret], id, 1_760_000_000, body), new Webhook(secret).sign(id, time, body));
      },
    ),
  );
});

test("a signature with two secrets is accepted with either secret, and with no other", async () => {
  const [old, fresh, other] = [secretOf("a"), secretOf("b", 64), secretOf("c", 33)];
  const seconds = now();
  const body = `{"Text":"你好，世界 👋"}`;
  const signature = await sign([old, fresh], "id-1", seconds, body);

  assert.match(signature, /^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$/);
  assert.ok(accepts(old, "id-1", seconds, signature, body));
  assert.ok(accepts(fresh, "id-1", seconds, signature, body));
  assert.ok(!accepts(other, "id-1", seconds, signature, body));
  assert.ok(!accepts(old, "id-2", seconds, signature, body));
  assert.ok(!accepts(old, "id-1", seconds + 1, signature, body));
  assert.ok(!accepts(old, "id-1", seconds, signature, `${body} `));
});

test("the signature covers a body of 1 MiB", async () => {
  const secret = secretOf("d");
  const seconds = now();
  const body = "中".repeat((1024 * 1024) / 4) + "x".repeat((1024 * 1024) / 4);
  assert.equal(new TextEncoder().encode(body).length, 1024 * 1024);
  assert.ok(accepts(secret, "big", seconds, await sign([secret], "big", seconds, body), body));
});
