/** The real gateway: the production build on the runtime of `npm run serve`, its storage on disk. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { type Bundle, bundle } from "../../src/cli/bundle.ts";
import { listeningPort, startWorkerd } from "../../src/cli/workerd.ts";
import { type Client, clientOf } from "./client.ts";
import { dayGoesOn } from "./moment.ts";
import { type Output, outputOf } from "./output.ts";
import { usualSettings } from "./settings.ts";
import { configOf, type Surroundings } from "./workerd-config.ts";

/**
 * The Worker's settings: texts, or JSON values as wrangler.toml and the console allow. They replace the usual ones; an
 * empty text unsets a setting.
 */
export type Settings = Readonly<Record<string, string | number | boolean | readonly object[]>>;

export interface Gateway extends Client {
  /** `http://127.0.0.1:49152`, without a slash at the end; another one after each start. */
  readonly url: string;
  readonly dataDir: string;
  /** Of the process that runs the Worker. */
  readonly pid: number;
  /** Where `npm run serve` asks for a stop, by the token TIM_RELAY_STOP_TOKEN. */
  readonly stewardUrl: string;
  /** Another isolate of the Worker, on the same shards. Fails unless the option asks for it. */
  readonly twin: Client;
  /** Everything printed since the last start. */
  log(): string;
  /** Resolves with the first line that fits, printed since the last start or to come. */
  seen(pattern: RegExp): Promise<string>;
  /** SIGKILL, also while it starts: nothing gets the time to tidy up. */
  kill(): Promise<void>;
  /** Asks for the first half of a stop: the outcomes of all deliveries are stored, and nothing more is sent. */
  flush(): Promise<void>;
  /** Ends it as `npm run serve` does on SIGTERM: the outcomes of all deliveries are stored first. */
  stop(): Promise<void>;
  /** Starts again on the same storage, with other settings if given. Rejects if it is killed before it listens. */
  start(settings?: Settings): Promise<void>;
  /** SIGKILL, then a start with these settings. */
  restart(settings?: Settings): Promise<void>;
  /** Ends a shard's object, as the platform does with an idle one; its rows stay. The object must be running. */
  evict(shard: number): Promise<void>;
  /** Ends the objects of all shards at once, whatever they do, as a deploy does. */
  abortShards(): Promise<void>;
  /** Hands an event to a shard by its RPC method `append`. */
  append(shard: number, append: object): Promise<void>;
}

interface Options extends Surroundings {
  /** The folder of an earlier gateway, which stays; otherwise a new one. */
  dataDir?: string;
  /** Another build than today's. */
  build?: Bundle;
}

interface Launched {
  child: ChildProcess;
  output: Output;
}

interface Running extends Launched {
  url: string;
  control: string;
  steward: string;
  twin: string | null;
}

/** The token of every start by which a stop is asked for. */
const stopToken = "test-stop-token";

/** Today's build: made once, however many gateways a file starts. */
export const todaysBuild = bundle(AbortSignal.timeout(120_000));

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Resolves when it answers requests, and a day goes on. Ends with the test, or the file, that starts it, and its storage with it. */
export async function startGateway(settings: Settings = {}, options: Options = {}): Promise<Gateway> {
  await dayGoesOn();
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), "tim-relay-test-")));
  const dataDir = options.dataDir ?? join(scratch, "data");
  mkdirSync(dataDir, { recursive: true });
  let current: Settings = { ...usualSettings, ...settings };
  let now: Running | null = null;
  let starting: Launched | null = null;
  const here = () => now ?? assert.fail("the gateway does not run");

  const token = () => String(current.CALLBACK_TOKEN ?? "").split(",")[0]!;

  const gateway: Gateway = {
    ...clientOf(() => here().url, token),
    twin: clientOf(() => here().twin ?? assert.fail("the gateway has no twin"), token),
    get url() {
      return here().url;
    },
    get stewardUrl() {
      return here().steward;
    },
    get pid() {
      return here().child.pid!;
    },
    dataDir,
    log: () => (starting ?? here()).output.log(),
    seen: (pattern) => (starting ?? here()).output.seen(pattern),
    async kill() {
      const launched = now ?? starting;
      if (!launched) return;
      const { child, output } = launched;
      now = starting = null;
      child.kill("SIGKILL");
      await output.ended;
    },
    async flush() {
      const headers = { authorization: `Bearer ${stopToken}` };
      assert.equal((await fetch(here().steward, { headers })).status, 204);
    },
    async stop() {
      const { child, output } = here();
      await gateway.flush();
      now = null;
      child.kill("SIGTERM");
      await output.ended;
    },
    async start(next) {
      assert.ok(!now && !starting, "the gateway runs already");
      if (next) current = { ...usualSettings, ...next };
      const build = options.build ?? (await todaysBuild);
      const launched = launch(build, scratch, dataDir, current, options);
      starting = launched;
      const addresses = await listening(launched, options);
      // A kill that comes as it begins to listen has ended it.
      if (starting !== launched) throw new Error("the gateway was killed while it started");
      starting = null;
      now = { ...launched, ...addresses };
    },
    async restart(next) {
      await gateway.kill();
      await gateway.start(next);
    },
    evict: (shard) => control(here(), { evict: `shard-${shard}` }),
    abortShards: () => control(here(), { abort: true }),
    append: (shard, append) => control(here(), { append, to: `shard-${shard}` }),
  };
  after(async () => {
    await gateway.kill();
    rmSync(scratch, { recursive: true, maxRetries: 5 });
  });
  await gateway.start();
  return gateway;
}

function launch(
  build: Bundle,
  scratch: string,
  dataDir: string,
  settings: Settings,
  options: Options,
): Launched {
  const given = { TIM_RELAY_STOP_TOKEN: stopToken, ...settings };
  const texts = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  const configPath = join(scratch, "workerd.capnp");
  writeFileSync(configPath, configOf(build, dataDir, given, options));

  const child = startWorkerd(configPath, build, texts, { output: "pipe", flags: ["--experimental"] });
  const output = outputOf(child, "workerd");
  running.add(child);
  output.ended.then(() => running.delete(child));
  return { child, output };
}

async function listening(
  { child, output }: Launched,
  { hasTwin = false }: Options,
): Promise<Omit<Running, keyof Launched>> {
  const ended = output.ended.then((code) => assert.fail(`workerd ended (${code}):\n${output.log()}`));
  ended.catch(() => {});
  const sockets = ["http", "control", "steward", ...(hasTwin ? ["twin"] : [])];
  const ports = sockets.map((socket) => listeningPort(child, socket));
  const [http, control, steward, twin = null] = (await Promise.race([Promise.all(ports), ended])).map(
    (port) => `http://127.0.0.1:${port}`,
  );
  return { url: http!, control: control!, steward: steward!, twin };
}

async function control({ control }: Running, request: object): Promise<void> {
  const response = await fetch(control, { method: "POST", body: JSON.stringify(request) });
  assert.equal(response.status, 200, await response.text());
}
