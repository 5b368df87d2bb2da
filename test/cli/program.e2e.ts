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
  assert.equal(await next(), "ready");
  // A process that stands still gets all its signals when it goes on, however busy the machine is.
  for (const signal of ["SIGSTOP", "SIGTERM", "SIGINT", "SIGCONT"] as const) child.kill(signal);
  const [first, ...signals] = [await next(), await next(), await next()];
  assert.deepEqual([first, signals.sort()], ["stopping", ["SIGINT", "SIGTERM"]]);
  // Time alone distinguishes a second signal from an echo.
  await sleep(600);
  child.kill("SIGTERM");
  assert.deepEqual([await next(), await next()], ["insisting", "SIGTERM"]);
  child.kill("SIGKILL");
  await once(child, "exit");
});
