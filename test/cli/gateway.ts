/** Runs the real gateway, `npm run serve`, for tests that need the runtime's own network code or its death. */
import { mkdirSync } from "node:fs";
import { type Run, run } from "./run.ts";

export interface Gateway extends Run {
  /** `http://127.0.0.1:49152`, without a slash at the end. */
  url: string;
}

interface Options {
  /** The Worker's settings. The variables of the environment do not reach it. */
  settings?: Readonly<Record<string, string>>;
  /** The data folder, created if it is missing. */
  dataDir: string;
}

/** Resolves when the gateway answers requests; rejects with what it printed if it ends before. */
export async function startGateway({ settings = {}, dataDir }: Options): Promise<Gateway> {
  mkdirSync(dataDir, { recursive: true });
  const environment = { PORT: "0", DATA_DIR: dataDir, ...settings };
  const gateway = run("serve.ts", { cwd: dataDir, environment });
  const line = await gateway.seen(/^listening on /);
  return { ...gateway, url: line.slice("listening on ".length) };
}
