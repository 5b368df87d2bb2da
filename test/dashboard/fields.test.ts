import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldsOf } from "../../src/dashboard/commands/fields.ts";

test("the fields of a command are rows, each with its place", () => {
  const rows = fieldsOf({
    type: "object",
    required: ["List"],
    properties: {
      Id: { type: ["string", "integer"], description: "The id." },
      List: {
        type: "array",
        items: { type: "object", properties: { Name: { type: "string", examples: ["a"] } } },
      },
      Either: { anyOf: [{ type: "string" }, { type: "object", properties: { Deep: { type: "number" } } }] },
    },
  });
  assert.deepEqual(
    rows.map(({ path, types }) => `${path}: ${types}`),
    [
      "Id: string,integer",
      "List: array",
      "List[].Name: string",
      "Either: string,object",
      "Either.Deep: number",
    ],
  );
  assert.equal(rows[1]!.required, true);
  assert.deepEqual(rows[2]!.examples, ["a"]);
});

test("a definition that holds itself is shown once", () => {
  const rows = fieldsOf({
    properties: { Message: { $ref: "#/$defs/message" } },
    $defs: {
      message: {
        type: "array",
        items: { type: "object", properties: { Inner: { $ref: "#/$defs/message" } } },
      },
    },
  });
  assert.deepEqual(
    rows.map(({ path }) => path),
    ["Message", "Message[].Inner"],
  );
});
