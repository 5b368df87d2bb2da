/** `wrangler.toml` as its author wrote it, and configurations that are made from it. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parse, TomlError } from "smol-toml";
import { isErrno } from "./errno.ts";
import { readJsonDocument, strictText } from "./json-with-comments.ts";

/** The parts that this project reads or changes. Everything else goes through as it is. */
export interface WranglerConfig {
  name?: string;
  vars?: Readonly<Record<string, unknown>>;
  secrets?: { required?: readonly string[] };
  keep_vars?: boolean;
  queues?: { producers?: unknown };
  durable_objects?: { bindings?: unknown } | undefined;
  env?: Readonly<Record<string, WranglerConfig>>;
  [other: string]: unknown;
}

/** @throws Error that names the file and, where it cannot be read as TOML or JSON, the line */
export function readWranglerConfig(path: string): WranglerConfig {
  const file = basename(path);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw isErrno(error, "ENOENT") ? new Error(`there is no ${path}`) : error;
  }
  if (!file.endsWith(".toml")) {
    const document = readJsonDocument(file, text);
    return JSON.parse(strictText(document, document.root));
  }
  try {
    return parse(text) as WranglerConfig;
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The rest of the message quotes the file, which may hold secrets.
    throw new Error(`${file}:${error.line}: is not TOML: ${error.message.split("\n")[0]}`);
  }
}

export interface GeneratedConfig {
  path: string;
  write(config: WranglerConfig): void;
  remove(): void;
}

/**
 * A configuration for one run of wrangler. It stands beside the original, because paths in it are relative to it, and
 * Git ignores it. It may hold secrets, so that only its owner reads it.
 * @param purpose part of its name
 */
export function generatedConfig(original: string, purpose: string): GeneratedConfig {
  const path = join(dirname(original), `.wrangler.${purpose}.${process.pid}.json`);
  return {
    path,
    write: (config) => writeFileSync(path, JSON.stringify(config, null, 2), { mode: 0o600 }),
    remove: () => rmSync(path, { force: true }),
  };
}
