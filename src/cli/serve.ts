/** The work of `npm run serve`: the production build on plain workerd, events on disk. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import { printable } from "../callback/text.ts";
import { readConfig } from "../config.ts";
import { type Bundle, bundle } from "./bundle.ts";
import { claimDataDir, type DataDir } from "./data-dir.ts";
import { standIns } from "./declared-bindings.ts";
import { fileWatch } from "./file-watch.ts";
import { kvFolders } from "./kv-folders.ts";
import { locatedHere } from "./places.ts";
import { freePort, readPort } from "./port.ts";
import { onStop } from "./program.ts";
import { withProgress } from "./progress.ts";
import {
  type LocalSettings,
  readLocalSettings,
  settingsPaths,
  tellOrigins,
  workerSettings,
} from "./settings.ts";
import { mistakesIn, SettingsWatch } from "./settings-watch.ts";
import { lacksAlarms, shardFileProblems } from "./shard-files.ts";
import { listeningPort, objectFolder, startWorkerd, workerdConfig } from "./workerd.ts";

/**
 * The time after SIGTERM in which shards finish their posts and record deliveries. With the time after it, that is less
 * than the ten seconds after which Docker kills a container. Milliseconds.
 */
const finishMs = 6_000;

/**
 * The time after that in which workerd answers the requests under way: a verdict takes 1.6 s at most. It would wait ten
 * seconds for the connection of a viewer that has sent no message, also where both sides have closed it. Milliseconds.
 */
const drainMs = 1_800;

/** How often the files in use are looked at, milliseconds. Two looks find a file gone: together they take a second. */
const watchEveryMs = 500;

/** Serves until it is stopped, and resolves with the exit code. */
export async function serve(): Promise<number> {
  const stop = onStop();
  const settings = readLocalSettings();
  const { HOST, PORT, DATA_DIR } = settings.values;
  const host = HOST || "127.0.0.1";
  const port = readPort(PORT || "8787");

  const dataDir = await claimDataDir(DATA_DIR || ".data");
  try {
    const build = await bundle(stop.stopping, (work) =>
      withProgress("building the Worker from its sources", work),
    );
    // workerd reports an unusable port by a stack trace: check it first.
    await freePort(host, port);
    await runWorkerd(build, dataDir, host, port, settings, stop);
  } catch (error) {
    if (!stop.stopping.aborted) throw error;
  } finally {
    dataDir.release();
  }
  return stop.code();
}

/** Runs workerd until `stopping`. Rejects if workerd ends before. */
async function runWorkerd(
  build: Bundle,
  dataDir: DataDir,
  host: string,
  port: number,
  local: LocalSettings,
  { stopping, insisting }: ReturnType<typeof onStop>,
): Promise<void> {
  const settings = workerSettings(local);
  const objects = build.durableObjects.map(({ binding }) => binding);
  const namespaces = kvFolders(dataDir.path, [...objects, ...Object.keys(settings)]);
  const bindings = { ...standIns("objects", objects), ...standIns("kv", Object.keys(namespaces)) };
  const { privateDestinations, problems } = readConfig({ ...bindings, ...settings });
  const folderOf = ({ className }: { className: string }) => join(dataDir.path, objectFolder(className));
  const folders = build.durableObjects.map(folderOf);
  // The objects of other classes keep no rows, and set no alarms.
  const ofShards = build.durableObjects.filter(({ binding }) => binding === "SHARD").map(folderOf);
  for (const problem of [...locatedHere(problems, local), ...ofShards.flatMap(shardFileProblems)])
    console.warn(`warning: ${printable(problem)}`);

  const token = randomBytes(32).toString("base64url");
  const environment = {
    LOG_FORMAT: "text",
    LOG_SAMPLE: "1",
    ...settings,
    TIM_RELAY_STOP_TOKEN: token,
    ...(ofShards.some(lacksAlarms) && { TIM_RELAY_ALARMS_LOST: "true" }),
  };
  const authority = (port: number) => `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const config = workerdConfig({
    bundle: build,
    dataDir: dataDir.path,
    address: authority(port),
    settings: Object.keys(environment),
    kvFolders: namespaces,
    allowPrivate: privateDestinations,
    steward: "Steward",
  });
  dataDir.configure(config);
  // Programs read the address from the standard output.
  for (const line of tellOrigins(local)) console.warn(line);

  const workerd = startWorkerd(dataDir.configPath, build, environment);
  const kill = () => workerd.kill("SIGKILL");
  process.on("exit", kill);
  insisting.addEventListener("abort", kill);
  if (workerd.pid) dataDir.note(workerd.pid);
  const ended = once(workerd, "exit");
  const look = fileWatch(dataDir.path, folders, [process.pid, workerd.pid ?? 0]);
  let gone: string | null = null;
  const watching = setInterval(() => {
    gone ??= look();
    if (gone !== null) kill();
  }, watchEveryMs);

  let steward: number | null = null;
  listeningPort(workerd, "steward").then((port) => {
    steward = port;
  });
  const stop = async () => {
    console.warn("stopping: posts under way end first; a second signal ends it at once");
    if (steward !== null) await finish(steward, token);
    workerd.kill("SIGTERM");
    setTimeout(kill, drainMs);
  };
  if (stopping.aborted) stop();
  else stopping.addEventListener("abort", stop);

  new SettingsWatch(settingsPaths()).follow(() => tellOfChange(bindings));

  listeningPort(workerd).then((port) => {
    const url = `http://${authority(port)}`;
    console.log(`listening on ${url}`);
    // A report of health asks every shard: each goes on with the work that the last stop has left.
    fetch(`${url}/health`).catch(() => {});
  });
  const [code, signal] = await ended;
  clearInterval(watching);
  if (gone !== null) throw new Error(gone);
  if (stopping.aborted) return;
  throw new Error(`workerd ended by itself (${signal ?? `exit code ${code}`}), hence so does the gateway`);
}

/** A gateway that serves does not restart by itself. It says that a restart is due, and names mistakes. */
async function tellOfChange(bindings: object): Promise<void> {
  const local = readLocalSettings();
  for (const mistake of locatedHere(mistakesIn(workerSettings(local), bindings), local))
    console.warn(`warning: ${printable(mistake)}`);
  console.warn("the files of settings changed: the gateway uses them after its next start");
}

/** Makes the Worker record deliveries and counters; SIGTERM alone would lose the last second of them. */
async function finish(port: number, token: string): Promise<void> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(finishMs),
    });
    if (!answer.ok) throw new Error(`the gateway answered ${answer.status}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    console.warn(`warning: the last second was not written down, and is sent again (${reason})`);
  }
}
