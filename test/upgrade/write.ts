/**
 * Writes a data folder and the build of this version to the folder `before`, for the tests of the next version. It is
 * run on the last commit of a version, before the first change of the next:
 *
 *     npx node --test test/upgrade/write.ts
 *
 * The gateway meets destinations in every kind of trouble, is killed, goes on without one of its rules, and is killed
 * again. Beside its databases stands its report on itself after two more days.
 */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import type { Bundle } from "../../src/cli/bundle.ts";
import { root } from "../../src/cli/root.ts";
import { todaysBuild } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { backdate, dump, restore } from "./folder.ts";
import {
  atRest,
  everything,
  missing,
  names,
  type Receivers,
  rulesFor,
  sendRound,
  startReceivers,
  trouble,
  wants,
} from "./troubles.ts";
import { newFolder, type Said, saidBy, start } from "./version.ts";

const texts = join(import.meta.dirname, "before");

/** Of the libraries in the build. */
const licenses = ["itty-router/LICENSE", "valibot/LICENSE.md"];

test("writes the data folder and the build of this version", async () => {
  const receivers = await startReceivers();
  const build = await todaysBuild;
  const dataDir = newFolder();
  const labels: string[] = [];
  trouble(receivers);
  const first = await start(build, dataDir, rulesFor(receivers));
  await first.pause("paused");
  labels.push(...(await sendRound(first, "first")));
  await atRest(first);
  // The rows of these events tell the outcomes of the others.
  labels.push(...(await sendRound(first, "second", [])));
  await first.kill();

  const second = await start(build, dataDir, rulesFor(receivers, ["removed"]));
  labels.push(...(await sendRound(second, "third", ["removed", "slow"])));
  await delivered(receivers, labels);
  labels.push(...(await sendRound(second, "fourth", [])));
  await delivered(receivers, labels);
  await second.kill();
  assert.deepEqual(missing(dataDir), []);

  rmSync(texts, { recursive: true, force: true });
  mkdirSync(texts, { recursive: true });
  dump(dataDir, texts);
  const said = await saidLater(build, receivers);
  assert.deepEqual(said.events.map(({ platform }) => platform).sort(), labels.sort());
  const had = Object.fromEntries(names.map((name) => [name, receivers.get(name)!.labels(200)]));
  writeFileSync(join(texts, "said.json"), `${JSON.stringify({ delivered: had, ...said }, null, 2)}\n`);
  copyFileSync(join(build.dir, "bundle.json"), join(texts, "bundle.json"));
  writeFileSync(join(texts, "index.js.br"), brotliCompressSync(readFileSync(join(build.dir, "index.js"))));
  writeFileSync(join(texts, "licenses.txt"), licenses.map(textOf).join("\n"));
});

function textOf(license: string): string {
  return `${license}\n\n${readFileSync(join(root, "node_modules", license), "utf8")}`;
}

async function delivered(receivers: Receivers, labels: readonly string[]): Promise<void> {
  const due = labels.filter((label) => wants(everything, label));
  await until("all of it is delivered", () => receivers.get(everything)!.labels(200).length === due.length);
}

/** The report of a gateway on the folder that the texts make, two days later. Fails if that folder has other texts. */
async function saidLater(build: Bundle, receivers: Receivers): Promise<Said> {
  const [dataDir, again] = [newFolder(), newFolder()];
  restore(texts, dataDir);
  dump(dataDir, again);
  for (const file of readdirSync(texts))
    assert.equal(readFileSync(join(again, file), "utf8"), readFileSync(join(texts, file), "utf8"), file);
  backdate(dataDir, 2);
  const gateway = await start(build, dataDir, rulesFor(receivers, ["removed"]));
  // Deliveries that were not noted yet when the gateway was killed come again.
  await until("nothing waits for it", async () =>
    (await gateway.destinations()).some(({ name, waiting }) => name === everything && waiting === 0),
  );
  const said = await saidBy(gateway);
  await gateway.kill();
  return said;
}
