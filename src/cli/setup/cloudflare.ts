/** The part of wrangler in a first deployment: the accounts of the login, the secrets of a Worker, and the deploy. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { endOnInterrupt, keepOnInterrupt } from "../interrupt.ts";
import { root } from "../root.ts";
import { wrangler } from "../wrangler.ts";
import { secretsFileName } from "./plan.ts";
import type { Texts } from "./texts.ts";
import { writePrivate } from "./whole-file.ts";

export interface Account {
  id: string;
  name: string;
}

/** The accounts of the login; null: there is no login. @throws Error with wrangler's own sentence */
export async function accounts(): Promise<Account[] | null> {
  const { code, output, errors } = await answerOf(["whoami", "--json"]);
  const answer = objectIn(output) as { loggedIn?: boolean; accounts?: Account[] } | null;
  if (answer?.loggedIn === false) return null;
  if (code !== 0 || answer === null) throw new Error(errors.trim() || output.trim() || `code ${code}`);
  return answer.accounts ?? [];
}

/** The names of the secrets of a Worker; none if there is no such Worker. @throws Error with wrangler's own sentence */
export async function secretsAt(worker: string, account: string | null): Promise<string[]> {
  const args = ["secret", "list", "--format=json", `--name=${worker}`];
  const { code, output, errors } = await answerOf(args, account);
  const said = stripVTControlCharacters(`${errors}\n${output}`).trim();
  if (code !== 0 && /\bnot found\b|does not exist|\b10007\b/.test(said)) return [];
  const secrets = code === 0 ? objectIn(output) : null;
  // Unknown secrets are not taken for none: those of a Worker that runs would be replaced.
  if (!Array.isArray(secrets)) throw new Error(said || `code ${code}`);
  return secrets.map(({ name }: { name: string }) => name);
}

async function answerOf(args: readonly string[], account: string | null = null) {
  const child = wrangler(args, { output: "pipe", variables: accountVariable(account) });
  const ended = once(child, "exit");
  const [output, errors] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  const [code] = await ended;
  return { code: code as number | null, output, errors };
}

const accountVariable = (account: string | null) =>
  account === null ? {} : { CLOUDFLARE_ACCOUNT_ID: account };

/** The JSON in an output, before which wrangler may print other lines. */
function objectIn(output: string): unknown {
  const start = output.search(/^[[{]/m);
  try {
    return start < 0 ? null : JSON.parse(output.slice(start));
  } catch {
    return null;
  }
}

export interface Deployed {
  /** The exit code; null after a signal. */
  code: number | null;
  /** Whether Ctrl-C came meanwhile. */
  interrupted: boolean;
  /** The address of the Worker; null: wrangler has named none. */
  url: string | null;
  /** Wrangler's own sentence about a failure; empty where it has none. */
  failure: string;
}

interface Deploy {
  args: readonly string[];
  secrets: Readonly<Record<string, string>>;
  account: string | null;
  /** Whether wrangler may ask a person. */
  asks: boolean;
  /** Whether its output goes to our errors. */
  aside: boolean;
}

/** Runs `npm run deploy`, with secrets from a file that is there meanwhile. */
export async function deploy({ args, secrets, account, asks, aside }: Deploy): Promise<Deployed> {
  const scratch = mkdtempSync(join(tmpdir(), "tim-relay-setup-"));
  const report = join(scratch, "report.ndjson");
  const secretsFile = join(root, secretsFileName);
  const { CLOUDFLARE_ENV: _, ...environment } = process.env;
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
  };
  let child: ChildProcess | null = null;
  // A terminal that is closed must not leave the file of secrets behind.
  const end = (signal: NodeJS.Signals) => {
    interrupted = true;
    child?.kill(signal);
  };
  // The deploy gets Ctrl-C, too, and ends by itself.
  keepOnInterrupt();
  process.on("SIGINT", interrupt);
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, end);
  try {
    writePrivate(secretsFile, JSON.stringify(secrets));
    const program = join(root, "src/cli/deploy.ts");
    child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...args], {
      cwd: root,
      stdio: [asks ? "inherit" : "ignore", aside ? 2 : "inherit", "inherit"],
      env: { ...environment, ...accountVariable(account), WRANGLER_OUTPUT_FILE_PATH: report },
    });
    const [code] = await once(child, "exit");
    return { code, interrupted, ...readReport(report) };
  } finally {
    process.off("SIGINT", interrupt);
    for (const signal of ["SIGTERM", "SIGHUP"]) process.off(signal, end);
    endOnInterrupt();
    rmSync(secretsFile, { force: true });
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** https://developers.cloudflare.com/workers/wrangler/system-environment-variables/#supported-environment-variables */
function readReport(path: string): Pick<Deployed, "url" | "failure"> {
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
  const entries: { type: string; targets?: string[] | null; message?: string }[] = lines.map((line) =>
    JSON.parse(line),
  );
  const targets = entries.find(({ type }) => type === "deploy")?.targets ?? [];
  return {
    url: targets.map(addressIn).find((url) => url !== null) ?? null,
    failure: entries.find(({ type }) => type === "command-failed")?.message ?? "",
  };
}

/** `https://tim-relay.example.workers.dev`, `tim.example.com (custom domain)` or `tim.example.com/*`; null: a schedule. */
function addressIn(target: string): string | null {
  const [host = ""] = target.replace(/^https?:\/\//, "").split(/[\s/]/);
  const scheme = target.startsWith("http://") ? "http" : "https";
  return /^[\w.-]+\.?[\w-]+(:\d+)?$/.test(host) && /[.:]/.test(host) ? `${scheme}://${host}` : null;
}

/** The remedy of a failed deploy; null: its sentence tells of none. */
export function remedyFor(failure: string, { remedies }: Texts): string | null {
  const [remedy] =
    [
      [remedies.subdomain, /workers\.dev subdomain/i] as const,
      [remedies.email, /verif\w+.{0,40}e-?mail|e-?mail.{0,40}verif|10034/i] as const,
      [remedies.zone, /\bzone\b|custom domain|hostname/i] as const,
      [remedies.network, /fetch failed|ENOTFOUND|ECONN|ETIMEDOUT|EAI_AGAIN|timed? ?out/i] as const,
      [remedies.login, /authenticat|not logged in|unauthori[sz]ed|api token|permission|10000/i] as const,
    ].find(([, fits]) => fits.test(failure)) ?? [];
  return remedy ?? null;
}
