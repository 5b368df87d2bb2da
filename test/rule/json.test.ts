import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isObject, isScalar, parseJson, show } from "../../src/rule/json.ts";
import { Decimal } from "../../src/rule/match/decimal.ts";

test("parseJson reads every text that JSON.parse reads", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.deepEqual(parseJson(text), JSON.parse(text));
      // The long number makes parseJson inspect every number.
      assert.deepEqual(parseJson(`[${text},"1234567890123456"]`), [JSON.parse(text), "1234567890123456"]);
    }),
  );
});

test("parseJson keeps numbers that a double would change, and texts that look like them", () => {
  const value = parseJson('{"a":[144115200000000001,"144115200000000001",1.5,1e400],"b":1557481126}') as {
    a: unknown[];
    b: unknown;
  };
  assert.deepEqual(value.a.map(String), ["144115200000000001", "144115200000000001", "1.5", "1e400"]);
  assert.deepEqual(
    value.a.map((one) => one instanceof Decimal),
    [true, false, false, true],
  );
  assert.equal(value.b, 1557481126);
});

test("parseJson finds large numbers at every depth", () => {
  const large = "144115200000000001";
  for (const text of [
    `[${large}]`,
    `[1,${large}]`,
    `[1, ${large}]`,
    `{"a":${large}}`,
    `{"a":\n${large}}`,
    `[-${large}]`,
    large,
  ]) {
    assert.equal(JSON.stringify(parseJson(text)), text.replaceAll(/\s/g, ""));
  }
  assert.equal(String((parseJson("[0.12345678901234567]") as unknown[])[0]), "0.12345678901234567");
  assert.equal(String((parseJson("[12E+0400]") as unknown[])[0]), "12E+0400");
});

test("JSON.stringify writes the result of parseJson without a change in value", () => {
  const text = '{"a":[144115200000000001,0.12345678901234567,1.5,1e400],"b":"144115200000000001"}';
  assert.equal(JSON.stringify(parseJson(text)), text);
});

test("parseJson throws on a text that is not JSON", () => {
  for (const text of ["", "{", "{'a':1}", "[1,]", "NaN", "01", "1234567890123456x"]) {
    assert.throws(() => parseJson(text), SyntaxError, text);
  }
});

test("a Decimal is a scalar, not an object", () => {
  const decimal = new Decimal("144115200000000001");
  assert.equal(isScalar(decimal), true);
  assert.equal(isObject(decimal), false);
  assert.equal(isObject({}), true);
  assert.equal(isObject([]), false);
  assert.equal(isScalar(null), true);
});

test("show writes values for a sentence, cut short", () => {
  assert.deepEqual(
    ["x", 5, null, true, new Decimal("144115200000000001"), {}, [], undefined].map((value) => show(value)),
    ['"x"', "5", "null", "true", "144115200000000001", "an object", "an array", "undefined"],
  );
  assert.equal(show("y".repeat(100), 10).length, 10);
});
