import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

const program = pathToFileURL(join(import.meta.dirname, "../../src/cli/program.ts")).href;

test("two signals at the same moment count as one, a later one as a second", {
  skip: process.platform === "win32" && "Windows knows no signals",
}, async () => {
  const source = `
    const { onStop } = await import(${JSON.stringify(program)});
    const { stopping, insisting } = onStop();
    stopping.addEventListener("abort", () => console.log("stopping"));
    insisting.addEventListener("abort", () => console.log("insisting"));
    for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => console.log(signal));
    setInterval(() => {}, 1000);
    console.log("ready");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, npm_lifecycle_event: undefined },
  });
  after(() => child.kill("SIGKILL"));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value;
  const signalled = async (signal: "SIGTERM" | "SIGINT") => {
    const spoken: string[] = [];
    child.kill(signal);
    do spoken.push(await next());
    while (spoken.at(-1) !== signal);
    return spoken;
  };
  assert.equal(await next(), "ready");
  assert.deepEqual(await signalled("SIGTERM"), ["stopping", "SIGTERM"]);
  assert.deepEqual(await signalled("SIGINT"), ["SIGINT"]);
  // Time alone distinguishes a second signal from an echo.
  await sleep(600);
  assert.deepEqual(await signalled("SIGTERM"), ["insisting", "SIGTERM"]);
  child.kill("SIGKILL");
  await once(child, "exit");
});
