/** The simulation is not blind: it finds mistakes that are made on purpose. `npm run mutate` makes all of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { find } from "./find.ts";
import { mutations } from "./mutations.ts";

/** Mistakes that few seeds find, if not the same ones after each change of the code. */
const soonFound = [
  "events under way are not resumed after a restart",
  "a retry stays in the list after its success",
  "fingerprints are not loaded at the start",
  "the alarm is not set while work is left",
  "a paused destination is sent to",
];

for (const name of soonFound)
  test(`the simulation finds that ${name}`, async () => {
    const mutation = mutations.find((one) => one.name === name);
    assert.ok(mutation);
    assert.notEqual(await find(mutation, 60), null);
  });

test("a mistake that cannot be tried is an error that says how its process ended", async () => {
  const slip = { name: "a slip", file: "a.ts", code: "one", instead: "two" };
  await assert.rejects(find(slip, 1), /its process ended by exit code 1, before a run\n.*TypeError/s);
});
