/** The short form of `npm run endure`: memory has not settled yet, but every answer is the expected one. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { untold } from "../support/process-stats.ts";

const program = join(import.meta.dirname, "endure.ts");

test("a thousand mixed requests are answered as they should be, in bounded memory", {
  skip: untold,
}, async () => {
  const options = ["--requests", "1000", "--tolerance", "100"];
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--disable-warning=ExperimentalWarning",
    program,
    ...options,
  ]);
  assert.match(stdout.trimEnd().split("\n").at(-1)!, /; flat$/);
});
