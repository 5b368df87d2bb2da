/** The program itself: the Node that runs it, its help, completion in a shell. */
import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { commands } from "../../src/cli/commands.ts";
import { version } from "../../src/version.ts";
import { adminToken } from "../support/client.ts";
import { outcomeOf } from "../support/command.ts";
import { startGateway } from "../support/gateway.ts";
import { run } from "../support/program.ts";
import { until } from "../support/until.ts";

const cwd = realpathSync(mkdtempSync(join(tmpdir(), "tim-relay-program-")));
after(() => rmSync(cwd, { recursive: true, maxRetries: 5 }));

const outcome = (args: readonly string[], flags: readonly string[] = []) => outcomeOf(args, { cwd, flags });

test("a Node that does not know TypeScript hands over to that of node_modules, exit code included", async () => {
  const old = ["--no-experimental-strip-types"];
  assert.deepEqual(await outcome(["--version"], old), { code: 0, output: `${version}\n`, errors: "" });
  assert.equal((await outcome(["nope"], old)).code, 2);
});

test("help lists every command; without a command it goes to the errors, and is a wrong use", async () => {
  const { code, output, errors } = await outcome(["--help"]);
  assert.deepEqual([code, errors], [0, ""]);
  for (const command of commands) assert.match(output, new RegExp(`^ {2}${command.name()}\\b`, "m"));
  assert.deepEqual(await outcome([]), { code: 2, output: "", errors: output });
});

test("a shell completes commands, options, their words, and names of destinations", async () => {
  const gateway = await startGateway({
    FORWARD_RULES: ["audit", "archive"].map((name) => ({ name, url: "http://127.0.0.1:9/" })),
  });
  const environment = { TIM_RELAY_URL: gateway.url, TIM_RELAY_TOKEN: adminToken };
  const complete = async (...words: string[]) => {
    const program = run("tim-relay.js", {
      cwd,
      args: ["complete", "--", ...words],
      environment,
    });
    assert.equal(await program.ended, 0, program.log());
    const lines = program.log().trimEnd().split("\n").slice(0, -1);
    return lines.map((line) => line.split("\t")[0]).sort();
  };
  assert.deepEqual(await complete("ev"), ["events"]);
  assert.deepEqual(await complete("events", "--st"), ["--state"]);
  assert.deepEqual(await complete("events", "--state", "d"), ["dead", "delivered"]);
  // A shell does not wait for a busy machine: then it has no names.
  const names = (...words: string[]) =>
    until("names are completed", async () => {
      const found = await complete(...words);
      return found.length > 0 && found;
    });
  assert.deepEqual(await names("pause", ""), ["archive", "audit"]);
  assert.deepEqual(await names("test", "au"), ["audit"]);
  await gateway.kill();
  assert.deepEqual(await complete("pause", ""), []);
  for (const shell of ["bash", "zsh", "fish", "powershell"])
    assert.match((await outcome(["complete", shell])).output, /tim-relay/);
});
