import assert from "node:assert/strict";
import { test } from "node:test";
import { destinationProblem } from "../../../src/rule/readers/destination-policy.ts";

const nothing = { privateNetworks: false };
const local = { privateNetworks: true };

const allowed = [
  "https://hooks.example.com/tim",
  "https://hooks.example.com:8443/tim?key=1#part",
  "https://EXAMPLE.com",
  "https://example.com./tim",
  "https://localhost.example.com",
  "https://notlocalhost",
  "https://internal.example.com",
  "https://203.0.113.7",
  "https://198.51.100.7",
  "https://192.0.2.7",
  "https://100.63.255.255",
  "https://100.128.0.0",
  "https://172.15.0.1",
  "https://172.32.0.1",
  "https://198.20.0.1",
  "https://223.255.255.255",
  "https://[2606:4700::1111]",
  "https://[2001:db8::1]",
];

for (const url of allowed) {
  test(`${url} is a destination`, () => {
    assert.equal(destinationProblem(url, nothing), null);
  });
}

/** Addresses, each with a part of its problem. */
const refused: [url: string, because: RegExp][] = [
  ["", /absolute/],
  ["/tim", /absolute/],
  ["hooks.example.com", /absolute/],
  ["//hooks.example.com", /absolute/],
  ["https://", /absolute/],
  ["http://hooks.example.com", /https/],
  ["ftp://hooks.example.com", /https/],
  ["javascript:alert(1)", /https/],
  ["https://user@hooks.example.com", /user name/],
  ["https://:password@hooks.example.com", /password/],
  ["https://localhost", /private network/],
  ["https://LOCALHOST", /private network/],
  ["https://localhost.", /private network/],
  ["https://api.localhost", /private network/],
  ["https://printer.local", /private network/],
  ["https://printer.local.:8443", /private network/],
  ["https://metadata.google.internal", /private network/],
  ["https://0.0.0.0", /unspecified/],
  ["https://10.1.2.3", /private/],
  ["https://10.1.2.3.", /private/],
  ["https://100.64.0.1", /carrier/],
  ["https://100.127.255.255", /carrier/],
  ["https://127.0.0.1", /loopback/],
  ["https://127.1", /loopback/],
  ["https://0x7f000001", /loopback/],
  ["https://0x7f.1", /loopback/],
  ["https://2130706433", /loopback/],
  ["https://0177.0.0.1", /loopback/],
  ["https://①②⑦.0.0.1", /loopback/],
  ["https://169.254.169.254", /link-local/],
  ["https://172.16.0.1", /private/],
  ["https://172.31.255.255", /private/],
  ["https://192.0.0.170", /reserved/],
  ["https://192.168.1.1", /private/],
  ["https://198.18.0.1", /benchmarking/],
  ["https://198.19.255.255", /benchmarking/],
  ["https://224.0.0.1", /multicast/],
  ["https://240.0.0.1", /reserved/],
  ["https://255.255.255.255", /reserved/],
  ["https://[::]", /unspecified/],
  ["https://[::1]", /loopback/],
  ["https://[::203.0.113.7]", /compatible/],
  ["https://[::ffff:203.0.113.7]", /mapped/],
  ["https://[::ffff:7f00:1]", /mapped/],
  ["https://[::ffff:0:cb00:7107]", /translated/],
  ["https://[64:ff9b::cb00:7107]", /NAT64/],
  ["https://[64:ff9b:1::1]", /NAT64/],
  ["https://[2001::1]", /Teredo/],
  ["https://[2002:cb00:7107::1]", /6to4/],
  ["https://[fc00::1]", /private/],
  ["https://[fdff::1]", /private/],
  ["https://[fe80::1]", /link-local/],
  ["https://[fec0::1]", /site-local/],
  ["https://[ff02::1]", /multicast/],
];

for (const [url, because] of refused) {
  test(`${url || "an empty text"} is no destination`, () => {
    assert.match(destinationProblem(url, nothing) ?? "allowed", because);
  });
}

for (const url of [
  "http://localhost:8788/tim",
  "http://127.0.0.1:9000",
  "http://[::1]:9000",
  "http://10.0.0.1",
  "https://[::ffff:127.0.0.1]",
]) {
  test(`${url} is a destination where private networks are allowed`, () => {
    assert.equal(destinationProblem(url, local), null);
  });
}

test("the private networks policy allows no other schemes and no credentials", () => {
  assert.match(destinationProblem("ftp://localhost", local) ?? "", /http/);
  assert.match(destinationProblem("http://user:pass@localhost", local) ?? "", /user name/);
});

test("a refusal quotes no part of the address", () => {
  for (const url of [
    "https://user:hunter2@localhost",
    "https://hunter2.localhost/hunter2",
    "https://hunter2.internal",
    "http://hunter2.example.com",
    "hunter2://x",
    "hunter2",
    "https://10.0.0.1/?key=hunter2",
  ])
    assert.doesNotMatch(destinationProblem(url, nothing) ?? "hunter2", /hunter2|10\.0/, url);
});
