import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Json, JsonObject } from "../../../src/rule/json.ts";
import { compilePattern } from "../../../src/rule/match/pattern.ts";
import { pathAt } from "../../../src/rule/setting-path.ts";
import { cpuTime } from "../../support/cpu-time.ts";

/*
 * A slow and plain reference definition of a pattern. The event is a list of values, each with its path and the array
 * elements that contain it. The pattern is a list of alternatives from path to conditions. An alternative matches if
 * one value per path can be chosen so that no two lie in different elements of one array. For an absent field, no value
 * at its path may lie in the chosen elements of the arrays above it.
 */

/** The element that contains a value, for each array. */
type Elements = ReadonlyMap<object, { index: number; path: string }>;

interface Value {
  path: string;
  value: Json;
  elements: Elements;
}

function valuesOf(value: Json, path: string[] = [], elements: Elements = new Map()): Value[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: Json, index) =>
      valuesOf(
        item,
        path,
        typeof item === "object" && item !== null
          ? new Map([...elements, [value, { index, path: path.join(".") }]])
          : elements,
      ),
    );
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value as JsonObject).flatMap(([name, inner]) =>
      valuesOf(inner, [...path, name], elements),
    );
  }
  return [{ path: path.join("."), value, elements }];
}

type Alternative = Map<string, Json[]>;

function alternativesOf(
  pattern: JsonObject,
  path: string[] = [],
  given: Alternative[] = [new Map()],
): Alternative[] {
  let all = given;
  for (const [name, inner] of Object.entries(pattern)) {
    if (name === "$or") {
      const before = all;
      all = (inner as JsonObject[]).flatMap((one) => alternativesOf(one, path, before));
    } else if (Array.isArray(inner)) {
      all = all.map((one) => new Map([...one, [[...path, name].join("."), inner as Json[]]]));
    } else {
      all = alternativesOf(inner as JsonObject, [...path, name], all);
    }
  }
  return all;
}

const isAbsence = (condition: Json) => JSON.stringify(condition) === '{"exists":false}';

function fitsPlainly(pattern: JsonObject, event: JsonObject): boolean {
  const values = valuesOf(event);
  return alternativesOf(pattern).some((alternative) => choose([...alternative], new Map(), []));

  function choose(open: [string, Json[]][], elements: Elements, absent: string[]): boolean {
    const [next, ...rest] = open;
    if (next === undefined) {
      return absent.every((path) => {
        const above = new Map([...elements].filter(([, array]) => path.startsWith(`${array.path}.`)));
        return values.every((one) => one.path !== path || !joins(one, above));
      });
    }
    const [path, conditions] = next;
    const byValue = values.some(
      (one) =>
        one.path === path &&
        joins(one, elements) &&
        conditions.some((condition) => condition === one.value) &&
        choose(rest, new Map([...elements, ...one.elements]), absent),
    );
    return byValue || (conditions.some(isAbsence) && choose(rest, elements, [...absent, path]));
  }

  function joins(one: Value, elements: Elements): boolean {
    return [...one.elements].every(([array, { index }]) => (elements.get(array)?.index ?? index) === index);
  }
}

const name = fc.constantFrom("a", "b", "c");
const scalar = fc.constantFrom<Json>(0, 1, null);

const object = (depth: number): fc.Arbitrary<JsonObject> =>
  fc.dictionary(name, node(depth - 1), { maxKeys: 3 });
const node = (depth: number): fc.Arbitrary<Json> =>
  depth <= 0 ? scalar : fc.oneof(scalar, object(depth), fc.array(node(depth - 1), { maxLength: 3 }));
const event = object(4);

const condition = fc.oneof(scalar, fc.constant<Json>({ exists: false }));
const conditions: fc.Arbitrary<Json> = fc.array(condition, { minLength: 1, maxLength: 2 });

const field = (depth: number): fc.Arbitrary<Json> =>
  depth <= 0 ? conditions : fc.oneof(conditions, patterns(depth));
const patterns = (depth: number): fc.Arbitrary<JsonObject> =>
  fc.oneof(
    { arbitrary: fields(depth), weight: 2 },
    {
      arbitrary: fc
        .tuple(fields(depth), alternatives(depth))
        .map(([one, or]): JsonObject => ({ ...one, $or: or })),
      weight: 1,
    },
    {
      arbitrary: fc
        .tuple(fields(depth), alternatives(depth))
        .map(([one, or]): JsonObject => ({ $or: or, ...one })),
      weight: 1,
    },
  );
const fields = (depth: number) => fc.dictionary(name, field(depth - 1), { minKeys: 1, maxKeys: 2 });
const alternatives = (depth: number) => fc.array(fields(depth), { minLength: 2, maxLength: 2 });
const pattern = patterns(3);

/** Whether the pattern demands both a value of one field and fields inside it. */
const isTwofold = (one: JsonObject) =>
  alternativesOf(one).some((alternative) => {
    const paths = [...alternative.keys()];
    return paths.some((path) => paths.some((other) => other.startsWith(`${path}.`)));
  });

test("property: a pattern matches as the reference definition, also with a value and fields inside one field", () => {
  let fitting = 0;
  let twofold = 0;
  fc.assert(
    fc.property(pattern, event, (wanted, given) => {
      fc.pre(alternativesOf(wanted).length <= 200);
      const compiled = compilePattern(
        wanted,
        pathAt("", () => assert.fail()),
      );
      const expected = fitsPlainly(wanted, given);
      if (expected) fitting++;
      if (expected && isTwofold(wanted)) twofold++;
      assert.equal(compiled!.matches(given), expected);
      assert.equal(compiled!.explain(given) === null, expected);
    }),
    { numRuns: 10_000 },
  );
  assert.ok(fitting > 1_000, `only ${fitting} of the pairs fit`);
  assert.ok(twofold > 300, `only ${twofold} of them ask for a value and for fields below it`);
});

test("property: values and fields in arrays within arrays match as the reference definition", () => {
  const nested: fc.Arbitrary<Json> = fc.letrec<{ item: Json }>((tie) => ({
    item: fc.oneof(
      { depthSize: "medium" },
      scalar,
      fc.dictionary(fc.constantFrom("b", "c"), scalar, { maxKeys: 2 }),
      fc.array(tie("item"), { maxLength: 3 }),
    ),
  })).item;
  const wanted = fc
    .tuple(conditions, fc.dictionary(fc.constantFrom("b", "c"), conditions, { minKeys: 1 }))
    .map(([own, below]): JsonObject => ({ a: own, $or: [{ a: below }, { "": [7] }] }));
  let fitting = 0;
  fc.assert(
    fc.property(wanted, nested, (pattern, value) => {
      const compiled = compilePattern(
        pattern,
        pathAt("", () => assert.fail()),
      )!;
      const expected = fitsPlainly(pattern, { a: value });
      if (expected) fitting++;
      assert.equal(compiled.matches({ a: value }), expected);
      assert.equal(compiled.explain({ a: value }) === null, expected);
    }),
    { numRuns: 10_000 },
  );
  assert.ok(fitting > 1_000, `only ${fitting} of the pairs fit`);
});

/** A pattern of some values that lie in the same element of every array. */
function patternFrom(value: Json, pick: () => number): Json | undefined {
  if (Array.isArray(value)) {
    const start = pick();
    for (let index = 0; index < value.length; index++) {
      const one = patternFrom(value[(start + index) % value.length]!, pick);
      if (one !== undefined) return one;
    }
    return undefined;
  }
  if (typeof value !== "object" || value === null) return [value];
  const entries = Object.entries(value as JsonObject).flatMap(([key, inner]): [string, Json][] => {
    const one = pick() % 4 === 0 ? undefined : patternFrom(inner, pick);
    return one === undefined ? [] : [[key, one]];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

test("property: a pattern made from an event matches it until one value is changed", () => {
  let made = 0;
  fc.assert(
    fc.property(event, fc.infiniteStream(fc.nat(99)), (given, stream) => {
      const wanted = patternFrom(given, () => stream.next().value) as JsonObject | undefined;
      fc.pre(wanted !== undefined);
      made++;
      const compiled = compilePattern(
        wanted!,
        pathAt("", () => assert.fail()),
      );
      assert.equal(compiled!.matches(given), true);

      const [spoilt] = [...JSON.stringify(wanted).matchAll(/\[(0|1|null)\]/g)];
      const text = JSON.stringify(wanted);
      const other = JSON.parse(
        `${text.slice(0, spoilt!.index)}["other"]${text.slice(spoilt!.index + spoilt![0].length)}`,
      );
      assert.equal(
        compilePattern(
          other,
          pathAt("", () => assert.fail()),
        )!.matches(given),
        false,
      );
    }),
    { numRuns: 2000 },
  );
  assert.ok(made > 500);
});

/** The least processor time of several runs: collecting garbage can only add to it. */
function fastest(run: () => void): number {
  return Math.min(
    ...Array.from({ length: 7 }, () => {
      const start = cpuTime();
      run();
      return cpuTime() - start;
    }),
  );
}

test("a long text is searched once for a thousand combinations", () => {
  const choices = (at: string) => [0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => ({ body: { [at]: [n] } }));
  const text = { body: { Text: [{ wildcard: `*${"a".repeat(50)}b*` }] } };
  const simple = compilePattern(
    text,
    pathAt("", () => assert.fail()),
  )!;
  const many = compilePattern(
    { ...text, $or: [{ $or: choices("x") }, { $or: choices("y") }], z: { $or: choices("w") } },
    pathAt("", () => assert.fail()),
  )!;
  const given = { body: { Text: "a".repeat(2_000_000), x: 9, y: 9 } };
  assert.ok(fastest(() => many.matches(given)) < 4 * fastest(() => simple.matches(given)) + 5);
});

test("time is linear in the number of elements", () => {
  const wanted = {
    a: { x: [1], y: [2], z: [{ exists: false }] },
    $or: [{ a: { v: [1] } }, { a: { w: [1] } }],
  };
  const compiled = compilePattern(
    wanted,
    pathAt("", () => assert.fail()),
  )!;
  const given = (count: number) => ({
    a: Array.from({ length: count }, (_, n) => (n % 2 ? { x: 1, w: 1 } : { y: 2, v: 1 })),
  });
  const small = given(5_000);
  const large = given(40_000);
  compiled.matches(large);
  assert.equal(compiled.matches(large), false);
  const ratio = fastest(() => compiled.matches(large)) / fastest(() => compiled.matches(small));
  assert.ok(ratio < 8 * 4, `8 times the elements took ${ratio.toFixed(1)} times as long`);
});
