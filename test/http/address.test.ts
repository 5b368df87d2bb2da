import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "../../src/config.ts";
import { callerAddress, networkOf } from "../../src/http/address.ts";
import { app } from "../support/callbacks.ts";

const edge = { colo: "HKG", country: "HK", asn: 132203 };
const workerd = { clientIp: "198.51.100.9:49086" };

function addressOf(cf: object | undefined, headers: Record<string, string>, TRUSTED_PROXY?: string) {
  const request = Object.assign(new Request("https://relay.example.com/", { headers }), { cf });
  return callerAddress(request, readConfig({ SDK_APP_ID: app, TRUSTED_PROXY }));
}

test("the address header counts on Cloudflare's edge only", () => {
  const told = {
    "cf-connecting-ip": "203.0.113.7",
    "x-real-ip": "192.0.2.1",
    "x-forwarded-for": "192.0.2.1",
  };
  assert.equal(addressOf(edge, told), "203.0.113.7");
  assert.equal(addressOf(edge, {}), null);
  assert.equal(addressOf(workerd, told), null);
  assert.equal(addressOf({}, told), null);
  assert.equal(addressOf(undefined, told), null);
});

test("a trusted proxy's header counts only in requests from the proxy", () => {
  const proxy = "198.51.100.0/28 x-real-ip";
  const told = { "cf-connecting-ip": "192.0.2.1", "x-real-ip": "203.0.113.7" };
  assert.equal(addressOf(workerd, told, proxy), "203.0.113.7");
  assert.equal(addressOf(workerd, told, "198.51.100.8,198.51.100.9 X-Real-IP"), "203.0.113.7");
  assert.equal(addressOf(workerd, told, "198.51.100.8 x-real-ip"), null);
  assert.equal(addressOf(workerd, told, "192.0.2.1 x-real-ip"), null);
  assert.equal(addressOf(undefined, told, "0.0.0.0/0 x-real-ip"), null);
  // The proxy is in front of Cloudflare.
  assert.equal(addressOf(edge, { ...told, "cf-connecting-ip": "198.51.100.9" }, proxy), "203.0.113.7");
  assert.equal(addressOf(edge, told, proxy), "192.0.2.1");
});

test("the last entry of a proxy's list counts, since the caller may have sent the others", () => {
  const proxy = "198.51.100.9 x-forwarded-for";
  for (const [list, address] of [
    ["203.0.113.7", "203.0.113.7"],
    ["192.0.2.1, 203.0.113.7", "203.0.113.7"],
    ["192.0.2.1,2001:db8::7 ", "2001:db8::7"],
    ["192.0.2.1, 203.0.113.7:443", "203.0.113.7"],
    ["[2001:db8::7]:443", "2001:db8::7"],
    ["[2001:db8::7]", "2001:db8::7"],
    ["203.0.113.7, unknown", null],
    ["203.0.113.7,", null],
    ["", null],
  ] as const)
    assert.equal(addressOf(workerd, { "x-forwarded-for": list }, proxy), address, list);
  assert.equal(addressOf(workerd, {}, proxy), null);
});

test("a network is an IPv4 address, or the first 64 bits of an IPv6 address", () => {
  const networks = (cf: object | undefined, headers: Record<string, string>, TRUSTED_PROXY?: string) => {
    const request = Object.assign(new Request("https://relay.example.com/", { headers }), { cf });
    return networkOf(request, readConfig({ SDK_APP_ID: app, TRUSTED_PROXY }));
  };
  for (const [address, network] of [
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"],
    ["2001:DB8:0:1::9", "2001:db8:0:1::/64"],
    ["none", ""],
  ])
    assert.equal(networks(edge, { "cf-connecting-ip": address! }), network);
  // Without a trusted source it is the other end of the connection, whatever the caller says.
  const told = { "cf-connecting-ip": "192.0.2.1", "x-real-ip": "203.0.113.7" };
  assert.equal(networks(workerd, told), "198.51.100.9");
  assert.equal(networks(workerd, told, "198.51.100.9 x-real-ip"), "203.0.113.7");
  assert.equal(networks(undefined, told), "");
});
