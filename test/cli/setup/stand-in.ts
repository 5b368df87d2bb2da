/** A stand-in for wrangler that records what it was told, and the checkout in which `tim-relay setup` finds it. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../support/checkout.ts";
import { until } from "../../support/until.ts";

/**
 * `whoami` and `secret list` answer from `cloudflare.json` beside it; without it nobody is logged in. A deploy waits for
 * `deployed.json`, which says how it ends and at which address the Worker is.
 */
const source = `
const { appendFileSync, existsSync, readFileSync, statSync } = require("node:fs");
const args = process.argv.slice(2);
const option = (name) => args.find((one) => one.startsWith(name + "="))?.slice(name.length + 1);
const told = { args, account: process.env.CLOUDFLARE_ACCOUNT_ID ?? null };
const note = () => appendFileSync("told.ndjson", JSON.stringify(told) + "\\n");
const cloudflare = existsSync("cloudflare.json") ? JSON.parse(readFileSync("cloudflare.json", "utf8")) : null;
const [command] = args;
if (command === "whoami") {
  note();
  console.log(JSON.stringify(cloudflare ? { loggedIn: true, accounts: cloudflare.accounts } : { loggedIn: false }));
  process.exit(cloudflare ? 0 : 1);
}
if (command === "secret") {
  note();
  if (cloudflare.secrets) console.log(JSON.stringify(cloudflare.secrets.map((name) => ({ name, type: "secret_text" }))));
  if (!cloudflare.secrets) console.error(cloudflare.refusal ?? 'Worker "tim-relay" not found.');
  process.exit(cloudflare.secrets ? 0 : 1);
}
const secrets = option("--secrets-file");
told.config = JSON.parse(readFileSync(option("--config"), "utf8"));
told.secrets = JSON.parse(readFileSync(secrets, "utf8"));
told.mode = statSync(secrets).mode & 0o777;
note();
const timer = setInterval(() => {
  if (!existsSync("deployed.json")) return;
  clearInterval(timer);
  const { code = 0, url, failure } = JSON.parse(readFileSync("deployed.json", "utf8"));
  const entry = failure ? { type: "command-failed", message: failure } : { type: "deploy", targets: [url] };
  appendFileSync(process.env.WRANGLER_OUTPUT_FILE_PATH, JSON.stringify(entry) + "\\n");
  if (failure) console.error("ERROR " + failure);
  else console.log("Uploaded tim-relay");
  process.exitCode = code;
}, 20);
`;

export interface Told {
  args: string[];
  account: string | null;
  secrets?: Record<string, string>;
  mode?: number;
  config?: { vars: Record<string, string>; env?: Record<string, { vars: Record<string, string> }> };
}

export interface Cloudflare {
  accounts: { id: string; name: string }[];
  /** The secrets of the Worker; without them there is no such Worker. */
  secrets?: string[];
  /** Why they are not told. */
  refusal?: string;
}

export function standIn(files: Readonly<Record<string, string>>, cloudflare: Cloudflare | null) {
  const folder = checkout(
    { ...files, ...(cloudflare && { "cloudflare.json": JSON.stringify(cloudflare) }) },
    source,
  );
  const path = (name: string) => join(folder, name);
  const told = (): Told[] =>
    existsSync(path("told.ndjson"))
      ? readFileSync(path("told.ndjson"), "utf8")
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line))
      : [];
  return {
    folder,
    program: path("src/cli/tim-relay.js"),
    told,
    has: (name: string) => existsSync(path(name)),
    read: (name: string) => readFileSync(path(name), "utf8"),
    /** The `nth` deploy that wrangler was told of, from 1. */
    deploy: (nth = 1) =>
      until(`deploy ${nth} is under way`, () => told().filter(({ args }) => args[0] === "deploy")[nth - 1]),
    /** How deploys end from now on; null: they wait. */
    ends(end: { code?: number; url?: string; failure?: string } | null) {
      if (end) {
        // The program that waits for the file reads it as soon as it is there.
        writeFileSync(path("deployed.json.new"), JSON.stringify(end));
        renameSync(path("deployed.json.new"), path("deployed.json"));
      } else rmSync(path("deployed.json"));
    },
  };
}
