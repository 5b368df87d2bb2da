import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { commandLinesOf, endGroup } from "../../src/cli/processes.ts";
import { until } from "../support/until.ts";

/** Its main thread ends, and leaves a zombie whose other thread goes on. */
const program = `
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(600,)).start()
ctypes.CDLL(None).pthread_exit(0)
`;

const missing =
  process.platform !== "linux"
    ? "zombies are told by /proc"
    : spawnSync("python3", ["--version"]).status !== 0 && "python3 is not installed";

test("a process whose main thread has ended lives on while other threads of it do", {
  skip: missing,
}, async () => {
  const child = spawn("python3", ["-c", program], { detached: true, stdio: "ignore" });
  const exited = once(child, "exit");
  try {
    await until("its main thread has ended", () =>
      / Z /.test(readFileSync(`/proc/${child.pid}/stat`, "utf8")),
    );
    assert.equal(commandLinesOf(child.pid!).length, 1);
  } finally {
    endGroup(child);
  }
  await exited;
  assert.deepEqual(commandLinesOf(child.pid!), []);
});
