/** The production build, the same that `wrangler deploy` would upload. It is kept in `dist` until the sources change. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, extname, join, sep } from "node:path";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { writeDocuments } from "./documents.ts";
import { isErrno } from "./errno.ts";
import { root } from "./root.ts";
import { wrangler } from "./wrangler.ts";
import { generatedConfig, readWranglerConfig, type WranglerConfig } from "./wrangler-config.ts";

export interface Bundle {
  /** The folder that holds the modules. */
  dir: string;
  /** The module with the Worker's exports, which imports all other modules. */
  main: string;
  modules: readonly Module[];
  compatibilityDate: string;
  compatibilityFlags: readonly string[];
  durableObjects: readonly { binding: string; className: string }[];
  /** The static files, a folder within `dir`, and the binding that reads them. Builds of before the dashboard have none. */
  assets?: { binding: string; folder: string };
}

export interface Module {
  /** Its file name, which is also its import specifier. */
  name: string;
  type: "esModule" | "text" | "data" | "wasm";
}

/** The part of wrangler.toml that the runtime needs. */
interface RuntimeConfig extends WranglerConfig {
  main: string;
  compatibility_date: string;
  compatibility_flags: string[];
  durable_objects: { bindings: { name: string; class_name: string }[] };
  assets?: { binding: string };
}

/** Wrangler's default module type for each extension. */
const moduleTypes: Readonly<Record<string, Module["type"]>> = {
  ".js": "esModule",
  ".mjs": "esModule",
  ".html": "text",
  ".sql": "text",
  ".txt": "text",
  ".bin": "data",
  ".wasm": "wasm",
};

const dist = join(root, "dist");
const manifest = "bundle.json";

/** The folder of the page in a build. The one that wrangler uploads has the same name, and stands beside the builds. */
const assetsFolder = "dashboard";

const unusedAfterMs = 24 * 3_600_000;

/**
 * The build of the current sources, made if there is none. Programs that start at the same time may each make it.
 * @param making wraps the making, which takes seconds
 */
export async function bundle(
  signal: AbortSignal,
  making: (work: Promise<void>) => Promise<void> = (work) => work,
): Promise<Bundle> {
  const digest = await sourceDigest();
  const dir = join(dist, digest);
  if (!existsSync(join(dir, manifest))) {
    const scratch = `${dir}.${process.pid}`;
    await making(build(scratch, signal)).catch(async (error) => {
      // A gateway that is started again and again on a full disk must not fill it further.
      await rm(scratch, { recursive: true, force: true }).catch(() => {});
      throw error;
    });
    // The sources were edited meanwhile: the build may mix old and new ones.
    if (digest !== (await sourceDigest())) {
      await rm(scratch, { recursive: true });
      return bundle(signal, making);
    }
    await rename(scratch, dir).catch(async (error) => {
      if (!isErrno(error, "EEXIST", "ENOTEMPTY", "EPERM")) throw error;
      await rm(scratch, { recursive: true });
    });
    await prune();
  }
  // The time of the last use, for `prune`. A read-only installation is never pruned.
  const now = new Date();
  await utimes(dir, now, now).catch(() => {});
  return { dir, ...JSON.parse(await readFile(join(dir, manifest), "utf8")) };
}

/** Folders of which neither the Worker nor its page has anything. */
const apart = ["cli", "generate", "receiver"];

/** A digest of all files that the build depends on. */
async function sourceDigest(): Promise<string> {
  const sources = (await readdir(join(root, "src"), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !apart.some((folder) => path.startsWith(join(root, "src", folder, sep))));
  const settings = [
    "wrangler.toml",
    "package.json",
    "package-lock.json",
    "tsconfig.dashboard.json",
    "src/cli/dashboard.ts",
    "src/cli/documents.ts",
    "src/generate/documents.ts",
  ].map((name) => join(root, name));
  const hash = createHash("sha256");
  for (const path of [...sources, ...settings].sort()) {
    const content = await readFile(path).catch((error) => {
      // An editor may be saving the file through a rename: the next digest includes it.
      if (isErrno(error, "ENOENT")) return "";
      throw error;
    });
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

async function build(dir: string, signal: AbortSignal): Promise<void> {
  await mkdir(dist, { recursive: true });
  // Wrangler's own reader would take seconds to load.
  const config = readWranglerConfig(join(root, "wrangler.toml")) as RuntimeConfig;
  await buildWorker(config, dir, signal);
  if (config.assets) {
    // Loaded only here: a start that finds its build needs no builder.
    const { buildDashboard } = await import("./dashboard.ts");
    await buildDashboard(join(dir, assetsFolder));
    await writeDocuments(join(dir, assetsFolder));
  }

  const main = `${basename(config.main, extname(config.main))}.js`;
  const modules = (await readdir(dir)).flatMap((name) => {
    const type = moduleTypes[extname(name)];
    return type ? [{ name, type }] : [];
  });
  const described: Omit<Bundle, "dir"> = {
    main,
    modules,
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags,
    durableObjects: config.durable_objects.bindings.map((binding) => ({
      binding: binding.name,
      className: binding.class_name,
    })),
    ...(config.assets && { assets: { binding: config.assets.binding, folder: assetsFolder } }),
  };
  await writeFile(join(dir, manifest), JSON.stringify(described, null, 2));
}

/** Wrangler is left without the page, because it would build that in the one folder of all builds. */
async function buildWorker(config: RuntimeConfig, dir: string, signal: AbortSignal): Promise<void> {
  const { assets: _, build: __, ...rest } = config;
  const generated = generatedConfig(join(root, "wrangler.toml"), "bundle");
  generated.write(rest);
  try {
    const child = wrangler(["deploy", "--dry-run", "--outdir", dir, `--config=${generated.path}`], {
      output: "pipe",
      signal,
    });
    const [output, errors, code] = await Promise.all([
      text(child.stdout!),
      text(child.stderr!),
      new Promise((resolve, reject) => child.once("error", reject).once("close", resolve)),
    ]);
    if (code !== 0)
      throw new Error(
        `wrangler could not build the Worker:\n${stripVTControlCharacters(errors.trim() || output.trim())}`,
      );
  } finally {
    generated.remove();
  }
}

/** Removes builds that no program has used for a day. */
async function prune(): Promise<void> {
  for (const name of (await readdir(dist)).filter((name) => name !== assetsFolder)) {
    const path = join(dist, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > unusedAfterMs) await rm(path, { recursive: true, force: true });
  }
}
