import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { readConfig } from "../../src/config.ts";
import { authorize } from "../../src/http/authorize.ts";
import { Refusal } from "../../src/http/reply.ts";

const config = readConfig({
  SDK_APP_ID: "1400000000",
  ADMIN_TOKEN: "first-admin,second-admin,both",
  READ_TOKEN: "reader,both",
  READ_TOKEN_SEES: "bodies",
});

const asking = (token: string, access: "read" | "admin" = "read") =>
  authorize(
    new Request("https://relay.example.com/api/me", { headers: { authorization: `Bearer ${token}` } }),
    config,
    access,
  );

test("a caller is named by the first 8 hex digits of its token's SHA-256", async () => {
  for (const token of ["first-admin", "second-admin", "reader"]) {
    const { by } = await asking(token);
    assert.equal(by, createHash("sha256").update(token).digest("hex").slice(0, 8));
  }
});

test("the kind of token decides what a caller may do and see", async () => {
  const { by, ...admin } = await asking("second-admin", "admin");
  assert.deepEqual(admin, { token: "admin", sees: "bodies" });
  const { by: _, ...reader } = await asking("reader");
  assert.deepEqual(reader, { token: "read", sees: "bodies" });
  assert.equal((await asking("both", "admin")).token, "admin");
  await assert.rejects(
    asking("reader", "admin"),
    (error) => error instanceof Refusal && error.status === 403 && error.code === "read_only",
  );
});

test("no refusal repeats the given token", async () => {
  for (const token of ["first-admi", "first-admin2", "FIRST-ADMIN"])
    await assert.rejects(asking(token), (error) => {
      assert.ok(error instanceof Refusal);
      return error.status === 401 && !JSON.stringify([error.message, error.headers]).includes(token);
    });
});
