import assert from "node:assert/strict";
import { test } from "node:test";
import Ajv from "ajv/dist/2020.js";
import type { AddressKind } from "../../../src/rule/address.ts";
import { bindingProblem } from "../../../src/rule/bindings.ts";
import { addressOf } from "../../../src/rule/readers/address.ts";
import { contextWithoutSecrets } from "../../../src/rule/readers/reader.ts";
import { pathAt } from "../../../src/rule/setting-path.ts";
import { httpsAddress } from "../../delivery/sample.ts";

const method = () => {};
/** A call of any method of a service may be RPC: it has them all. */
const service = new Proxy({}, { get: () => method });

const env = {
  MODERATION: service,
  JOBS: { send: method, sendBatch: method },
  ARCHIVE: { get: method, createMultipartUpload: method },
  LISTS: { get: method, getWithMetadata: method },
  PLAIN: "a variable",
  PLACE: "service:MODERATION/verdict",
  SCHEME: "hunter2:x",
  KEY: "hunter2",
};

const everyKind = ["https", "service", "queue", "r2", "listener", "poll"] as const;

/** The address that is read, or the problems by path. */
function read(written: unknown, kinds: readonly AddressKind[] = everyKind): unknown {
  const problems: string[] = [];
  const path = pathAt("url", (at, message) => problems.push(`${at}: ${message}`));
  const address = addressOf(...kinds).read(written as string, path, {
    ...contextWithoutSecrets,
    secret: (name) => env[name as keyof typeof env],
    bindingProblem: (name, kind) => bindingProblem(env, name, kind),
  });
  return address ?? problems;
}

const addresses = {
  "https://audit.example.com/tim": httpsAddress("https://audit.example.com/tim"),
  "service:MODERATION": { kind: "service", binding: "MODERATION", path: "" },
  "service:MODERATION/verdict?by=tim": { kind: "service", binding: "MODERATION", path: "/verdict?by=tim" },
  "service:MODERATION?by=tim": { kind: "service", binding: "MODERATION", path: "/?by=tim" },
  "queue:JOBS": { kind: "queue", binding: "JOBS" },
  "r2:ARCHIVE": { kind: "r2", binding: "ARCHIVE", prefix: "" },
  "r2:ARCHIVE/tim/events/": { kind: "r2", binding: "ARCHIVE", prefix: "tim/events" },
  "listener:": { kind: "listener" },
  "poll:": { kind: "poll" },
};

test("an address is read by its scheme", () => {
  for (const [written, expected] of Object.entries(addresses))
    assert.deepEqual(read(` ${written}\n`), { url: written, written, ...expected });
});

test("a secret in an address, or as the whole of it, is filled in and not shown", () => {
  assert.deepEqual(read("service:MODERATION/verdict?key=$KEY"), {
    kind: "service",
    url: "service:MODERATION/verdict?key=hunter2",
    written: "service:MODERATION/verdict?key=$KEY",
    binding: "MODERATION",
    path: "/verdict?key=hunter2",
  });
  assert.deepEqual(read("$PLACE"), {
    kind: "service",
    url: "service:MODERATION/verdict",
    written: "$PLACE",
    binding: "MODERATION",
    path: "/verdict",
  });
});

const unbound = (noun: string, table: string) =>
  `there is no such binding: ${noun} is bound by ${table} in wrangler.toml, and npm run serve has none`;
const expected =
  "expected an absolute URL such as https://hooks.example.com/tim, or service:BINDING/path, queue:BINDING, r2:BINDING/prefix, listener: or poll:";

const mistakes = {
  "ftp://audit.example.com": expected,
  "Service:MODERATION": expected,
  "audit.example.com": expected,
  $SCHEME: expected,
  "http://audit.example.com":
    "expected a URL that begins with https:// (http needs ALLOW_PRIVATE_DESTINATIONS)",
  "service:": "expected service:BINDING/path",
  "service://MODERATION": "expected service:BINDING/path",
  "service:MODERATION/a b": "expected service:BINDING/path",
  "service:MODERATION/#part": "expected service:BINDING/path",
  "queue:JOBS/high": "expected queue:BINDING",
  "listener:me": "expected listener:",
  "poll:me": "expected poll:",
  "service:ELSEWHERE": unbound("a service", "[[services]]"),
  "service:constructor": unbound("a service", "[[services]]"),
  "queue:ELSEWHERE": unbound("a queue", "[[queues.producers]]"),
  "r2:ELSEWHERE": unbound("an R2 bucket", "[[r2_buckets]]"),
  "service:PLAIN": "expected the binding of a service, and that name is another's",
  "service:JOBS": "expected the binding of a service, and that name is another's",
  "queue:MODERATION": "expected the binding of a queue, and that name is another's",
  "r2:LISTS": "expected the binding of an R2 bucket, and that name is another's",
};

test("a mistake in an address is named, and quotes no secret", () => {
  for (const [written, problem] of Object.entries(mistakes))
    assert.deepEqual(read(written), [`url: ${problem}`], written);
  assert.deepEqual(read(7), ["url: expected a URL"]);
});

test("a key takes the kinds of addresses that are its own, and names them", () => {
  assert.deepEqual(read("queue:JOBS", ["https", "service"]), [
    "url: expected an absolute URL such as https://hooks.example.com/tim, or service:BINDING/path",
  ]);
});

test("the JSON Schema takes every right address", () => {
  const validate = new Ajv().compile(addressOf(...everyKind).schema);
  for (const written of [...Object.keys(addresses), "$PLACE", "http://127.0.0.1"]) {
    assert.ok(validate(written), written);
    assert.ok(validate(` ${written} `), written);
  }
  for (const written of ["ftp://audit.example.com", "service:", "queue:JOBS/high", "listener:me"])
    assert.ok(!validate(written), written);
});
