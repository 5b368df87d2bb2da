import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareNumbers, Decimal, readNumber } from "../../../src/rule/match/decimal.ts";
import { cpuTime } from "../../support/cpu-time.ts";

const order = (a: string, b: string) => Math.sign(compareNumbers(readNumber(a), readNumber(b))) || 0;

test("numbers compare by value in every notation", () => {
  for (const [a, b] of [
    ["0", "-0"],
    ["0", "0e999999999999"],
    ["300", "300.000"],
    ["300", "3.0e2"],
    ["300", "0.03E+4"],
    ["1e400", "10e399"],
    ["144115200000000001", "144115200000000001.0"],
    ["144115200000000001", "1.44115200000000001e17"],
    ["-0.00000000000000000012", "-12e-20"],
  ] as const) {
    assert.equal(order(a, b), 0, `${a} and ${b}`);
    assert.equal(order(b, a), 0);
  }
});

test("numbers beyond a double's precision stay different", () => {
  for (const [less, more] of [
    ["144115200000000000", "144115200000000001"],
    ["-144115200000000001", "-144115200000000000"],
    ["9007199254740992", "9007199254740993"],
    ["0.1", "0.1000000000000000055511151231257827"],
    ["1e400", "1.1e400"],
    ["1e400", "1e401"],
    ["-1e401", "1e400"],
    ["-1e401", "-1e400"],
    ["0", "1e-400"],
    ["-1e-400", "0"],
    ["1e-401", "1e-400"],
    ["99999999999999999999", "100000000000000000000"],
    ["1", "1e999999999999999"],
  ] as const) {
    assert.equal(order(less, more), -1, `${less} and ${more}`);
    assert.equal(order(more, less), 1);
  }
});

test("compareNumbers agrees with BigInt", () => {
  const digits = fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n });
  const scale = fc.integer({ min: 0, max: 20 });
  fc.assert(
    fc.property(digits, scale, digits, scale, (a, zeros, b, places) => {
      const left = `${a}${a === 0n ? "" : "0".repeat(zeros)}`;
      const expected = a * 10n ** BigInt(zeros) * 10n ** BigInt(places) - b;
      assert.equal(order(left, `${b}e-${places}`), expected < 0n ? -1 : expected > 0n ? 1 : 0);
    }),
    { numRuns: 2000 },
  );
});

test("readNumber returns a double if it is exact", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.equal(compareNumbers(readNumber(JSON.stringify(value)), value), 0);
      assert.equal(typeof readNumber(JSON.stringify(value)), "number");
    }),
  );
  assert.equal(readNumber("1557481126"), 1557481126);
  assert.equal(readNumber("144115200000000000"), 144115200000000000);
  assert.ok(readNumber("144115200000000001") instanceof Decimal);
  assert.equal(String(readNumber("144115200000000001")), "144115200000000001");
});

test("a number of a million digits is read in linear time", () => {
  const long = `1${"0".repeat(1_000_000)}1`;
  const start = cpuTime();
  assert.equal(order(long, `${long}.0`), 0);
  assert.ok(cpuTime() - start < 1000);
});
