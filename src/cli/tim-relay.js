#!/usr/bin/env node
/** The program `tim-relay`. It is JavaScript, so that an old Node can begin it: it goes on with that of node_modules. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

if (!existsSync(new URL("main.ts", import.meta.url))) {
  console.error(
    "this package is for receivers and clients: tim-relay itself runs in a checkout of the project",
  );
  process.exitCode = 1;
} else if (process.features.typescript) {
  // That a part of Node is experimental tells a user nothing.
  process.removeAllListeners("warning");
  await import("./main.ts");
} else {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const node = fileURLToPath(import.meta.resolve(`node/bin/${name}`));
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal signals the whole group; other signals are passed on.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}
