import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contains, parseAddress, parseCidr } from "../../../src/rule/match/cidr.ts";

const within: [cidr: string, address: string, inside: boolean][] = [
  ["203.0.113.0/24", "203.0.113.0", true],
  ["203.0.113.0/24", "203.0.113.255", true],
  ["203.0.113.0/24", "203.0.114.0", false],
  ["203.0.113.77/24", "203.0.113.1", true],
  ["203.0.113.7", "203.0.113.7", true],
  ["203.0.113.7", "203.0.113.8", false],
  ["203.0.113.7/32", "203.0.113.7", true],
  ["203.0.113.6/31", "203.0.113.7", true],
  ["203.0.113.6/31", "203.0.113.8", false],
  ["0.0.0.0/0", "255.255.255.255", true],
  ["0.0.0.0/0", "2001:db8::1", false],
  ["::/0", "203.0.113.7", false],
  ["::/0", "2001:db8::1", true],
  ["2001:db8::/32", "2001:db8:ffff::1", true],
  ["2001:db8::/32", "2001:db9::", false],
  ["2001:DB8::/33", "2001:db8:7fff::", true],
  ["2001:db8::/33", "2001:db8:8000::", false],
  ["2001:db8::1", "2001:0db8:0:0:0:0:0:1", true],
  ["203.0.113.0/24", "::ffff:203.0.113.9", true],
  ["203.0.113.0/24", "::ffff:cb00:7109", true],
  ["::ffff:203.0.113.0/120", "203.0.113.9", true],
  ["::ffff:203.0.113.0/120", "203.0.114.9", false],
  ["203.0.113.0/24", "not an address", false],
  ["203.0.113.0/24", "", false],
];

for (const [cidr, address, inside] of within) {
  test(`${cidr} ${inside ? "holds" : "does not hold"} ${address || "nothing"}`, () => {
    assert.equal(contains(parseCidr(cidr)!, address), inside);
  });
}

const refused = [
  "",
  "/",
  "/24",
  "203.0.113.0/",
  "203.0.113.0/33",
  "203.0.113.0/-1",
  "203.0.113.0/24/8",
  "203.0.113.0/2a",
  "203.0.113.0/ 24",
  "203.0.113",
  "203.0.113.0.1",
  "203.0.113.256",
  "203.0.113.01",
  "0x7f.0.0.1",
  " 203.0.113.1",
  "203.0.113.1:80",
  "example.com",
  ":",
  ":::",
  "1::2::3",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7::8:9",
  "2001:db8::/129",
  "2001:db8::g",
  "2001:db8::12345",
  "fe80::1%eth0",
  "203.0.113.1::",
  "::203.0.113.1:5",
  "[::1]",
  "::ffff:203.0.113.0/24",
];

for (const text of refused) {
  test(`parseCidr refuses ${JSON.stringify(text)}`, () => {
    assert.equal(parseCidr(text), null);
  });
}

test("parseAddress reads every IPv6 address in every notation of its zeros", () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const plain = groups.map((one) => one.toString(16)).join(":");
      const bytes = groups.flatMap((one) => [one >> 8, one & 255]);
      const mapped = groups.slice(0, 5).every((one) => one === 0) && groups[5] === 0xffff;
      const expected = mapped ? bytes.slice(12) : bytes;
      assert.deepEqual(parseAddress(plain), expected);
      // `URL` writes the shortest form.
      assert.deepEqual(parseAddress(new URL(`http://[${plain}]`).hostname.slice(1, -1)), expected);
    }),
  );
});

test("contains agrees with a comparison of the leading bits", () => {
  const address = fc.nat({ max: 0xffffffff });
  const text = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
  const bits = (value: number) => value.toString(2).padStart(32, "0");
  fc.assert(
    fc.property(address, fc.integer({ min: 0, max: 32 }), fc.nat({ max: 32 }), (base, prefix, flip) => {
      const other = flip === 32 ? base : (base ^ (1 << flip)) >>> 0;
      const same = bits(base).slice(0, prefix) === bits(other).slice(0, prefix);
      assert.equal(contains(parseCidr(`${text(base)}/${prefix}`)!, text(other)), same);
    }),
  );
});
