/** Reading any body ends with a result that names paths, and never with an exception. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { catalogue } from "../../src/callback/catalogue.ts";
import { driftOf } from "../../src/callback/drift.ts";
import { jsonSchemaOf } from "../../src/callback/json-schema.ts";
import { misfitsOf } from "../../src/callback/misfit.ts";
import { misfits } from "./json-schema-check.ts";
import { without, withValue } from "./path.ts";

const commands = Array.from(catalogue.values(), ({ name, body, example }) => ({
  name,
  example,
  schema: jsonSchemaOf(name, body),
  paths: pathsOf(example, ""),
}));

const schemas = new Map(commands.map(({ name, schema }) => [name, schema]));

function pathsOf(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => at(item, `${path}[${index}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => at(member, path ? `${path}.${name}` : name));
}

function at(value: unknown, path: string): string[] {
  return [path, ...pathsOf(value, path)];
}

/** A body with up to four of its values removed or replaced. */
const mutated = fc.constantFrom(...commands).chain(({ name, example, paths }) =>
  fc
    .array(
      fc.record({
        pick: fc.nat(),
        value: fc.option(
          fc.oneof(
            fc.jsonValue(),
            fc.constantFrom({}, [], [null], "", "TIMTextElem", "TIMRelayElem", -1, 1e300, 0.5, "__proto__"),
          ),
          { nil: undefined },
        ),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((changes) => {
      let body: Record<string, unknown> = example;
      for (const { pick, value } of changes) {
        const path = paths[pick % paths.length] ?? "New";
        try {
          body = value === undefined ? without(body, path) : withValue(body, path, value);
        } catch {
          // An earlier change has removed this path.
        }
      }
      return { name, body: JSON.parse(JSON.stringify(body)) as Record<string, unknown> };
    }),
);

const runs = { numRuns: 10_000, seed: 20260301 };

test("10,000 mutations are read without an exception, and each refusal names a path", () => {
  let refused = 0;
  let deviating = 0;
  fc.assert(
    fc.property(mutated, ({ name, body }) => {
      const command = catalogue.get(name)!;
      const issues = misfitsOf(command, body);
      if (issues.length > 0) refused++;
      for (const { path, message } of issues) {
        assert.match(path, /^[A-Za-z_]/);
        assert.match(message, /^(is missing|is empty|expected .+, got .+)$/);
      }
      if (driftOf(command, body).length > 0 && issues.length === 0) deviating++;
      command.conversation(body);
      command.identity?.(body);
    }),
    runs,
  );
  assert.ok(refused > 1000 && refused < 9000, `${refused} were refused`);
  assert.ok(deviating > 1000 && deviating < 9000, `${deviating} deviate`);
});

/** A path without indexes. */
const folded = (paths: string[]) => new Set(paths.map((path) => path.replace(/\[\d+\]/g, "[]")));

test("a body that breaks the published JSON Schema is a misfit or has drift", () => {
  fc.assert(
    fc.property(mutated, ({ name, body }) => {
      const command = catalogue.get(name)!;
      const issues = misfitsOf(command, body).map(({ path }) => path);
      const drift = driftOf(command, body);
      // A report is bounded, and may leave out later differences.
      if (drift.length === 20) return;
      const types = drift.filter(({ kind }) => kind === "other type").map(({ path }) => path);
      const differs = folded([...issues, ...types]);
      assert.deepEqual(folded(misfits(schemas.get(name)!, body)), differs);
    }),
    runs,
  );
});

/** A merged forward within a merged forward, as often as fits 1 MiB. */
function nested(): string {
  const open = '[{"MsgType":"TIMRelayElem","MsgContent":{"MsgList":[{"MsgBody":';
  const close = "}]}}]";
  const times = Math.floor((1024 * 1024 - 100) / (open.length + close.length));
  return `{"GroupId":"g","From_Account":"a","MsgSeq":1,"MsgBody":${open.repeat(times)}[]${close.repeat(times)}}`;
}

test("fifteen thousand nested messages are read like any other body", () => {
  const text = nested();
  assert.ok(text.length > 1_000_000 && text.length <= 1024 * 1024);
  const command = catalogue.get("Group.CallbackAfterSendMsg")!;
  const body = JSON.parse(text);
  assert.deepEqual(misfitsOf(command, body), []);
  assert.deepEqual(driftOf(command, body), []);
});

test("a hundred thousand wrong items give a bounded list of paths", () => {
  const command = catalogue.get("Group.CallbackAfterRecallMsg")!;
  const body = { GroupId: "g", MsgSeqList: Array(100_000).fill({}) };
  const issues = misfitsOf(command, body);
  assert.equal(issues.length, 200);
  assert.equal(issues[0]?.path, "MsgSeqList[0].MsgSeq");
});

test("a topic that is no name gives no identity, however deeply it is nested", () => {
  const { identity } = catalogue.get("Group.CallbackAfterSendMsg")!;
  const message = { GroupId: "g", MsgSeq: 1, Random: 2 };
  const nested = JSON.parse(`${"[".repeat(100_000)}1${"]".repeat(100_000)}`);
  for (const TopicId of [["t"], [], {}, nested, true]) assert.equal(identity!({ ...message, TopicId }), null);
  assert.deepEqual(identity!({ ...message, TopicId: "t" }), ["g", 1, 2, "t"]);
  for (const TopicId of ["", null, undefined])
    assert.deepEqual(identity!({ ...message, TopicId }), ["g", 1, 2, ""]);
});
