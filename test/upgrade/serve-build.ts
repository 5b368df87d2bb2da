/**
 * Runs a build of the Worker, of whatever version, as `npm run serve` runs today's.
 *
 *     node serve-build.ts BUILD_FOLDER DATA_FOLDER SETTINGS
 *
 * SETTINGS are the names of variables, separated by commas. It prints "listening on http://127.0.0.1:PORT".
 */
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bundle } from "../../src/cli/bundle.ts";
import { listeningPort, startWorkerd, workerdConfig } from "../../src/cli/workerd.ts";

const [dir = "", dataDir = "", settings = ""] = process.argv.slice(2);
const bundle: Bundle = { dir, ...JSON.parse(readFileSync(join(dir, "bundle.json"), "utf8")) };
const configPath = join(dataDir, "workerd.capnp");
const address = "127.0.0.1:0";
writeFileSync(
  configPath,
  workerdConfig({ bundle, dataDir, address, settings: settings.split(","), allowPrivate: true }),
);
const workerd = startWorkerd(configPath, bundle, process.env);
listeningPort(workerd).then((port) => console.log(`listening on http://127.0.0.1:${port}`));
const [code] = await once(workerd, "exit");
process.exitCode = code ?? 1;
