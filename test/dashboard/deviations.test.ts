import assert from "node:assert/strict";
import { test } from "node:test";
import { deviationsOf } from "../../src/dashboard/events/deviations.ts";

const drift = (path: string, kind: "unknown field" | "unexpected value" | "other type", seen: string) => ({
  command: "Group.CallbackAfterSendMsg",
  path,
  kind,
  seen,
  count: 1,
  firstAt: "2026-01-31T12:00:00.000Z",
  lastAt: "2026-01-31T12:00:00.000Z",
});

test("a difference is marked at each place of the body that has it", () => {
  const body = { Surprise: { deep: 1 }, List: [{ New: "a" }, {}, { New: "b" }], MsgSeq: "7", Type: "Square" };
  const known = [
    drift("Surprise", "unknown field", "object"),
    drift("List[].New", "unknown field", "string"),
    drift("MsgSeq", "other type", "string"),
    drift("Type", "unexpected value", "Square"),
  ];
  assert.deepEqual(
    deviationsOf(body, known).map(({ path }) => path),
    ["Surprise", "List[0].New", "List[2].New", "MsgSeq", "Type"],
  );
});

test("a body without the difference is not marked", () => {
  const known = [
    drift("MsgSeq", "other type", "string"),
    drift("Type", "unexpected value", "Square"),
    drift("Big", "other type", "fraction"),
    drift("", "unknown field", "object"),
  ];
  assert.deepEqual(deviationsOf({ MsgSeq: 7, Type: "Public", Big: 9007199254740993n }, known), []);
  assert.deepEqual(deviationsOf(undefined, known), []);
});
