/**
 * The answers of a setup that was left, in a file that only its owner reads and that Git ignores. Secrets are among
 * them: one that was sent already must be the same the next time.
 */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isErrno } from "../errno.ts";
import { replacePrivate } from "./whole-file.ts";

export const keptName = ".tim-relay.setup.json";

export interface Kept {
  /** By the name of their question. */
  answers: Record<string, string>;
  /** The values of secrets by name. */
  secrets: Record<string, string>;
  /** Whether a deploy was begun: the Worker may be there, with these secrets. */
  begun: boolean;
  /** The gateway's address once it is deployed. */
  url: string | null;
}

export const nothingKept = (): Kept => ({ answers: {}, secrets: {}, begun: false, url: null });

/** The kept answers; none if the file is missing or has another form. */
export function readKept(folder: string): Kept {
  try {
    const kept = { ...nothingKept(), ...JSON.parse(readFileSync(join(folder, keptName), "utf8")) };
    const areTexts = (record: unknown) =>
      record instanceof Object && Object.values(record).every((value) => typeof value === "string");
    return areTexts(kept.answers) && areTexts(kept.secrets) ? kept : nothingKept();
  } catch (error) {
    if (isErrno(error, "ENOENT") || error instanceof SyntaxError) return nothingKept();
    throw error;
  }
}

/** The file is whole at every moment. */
export function keep(folder: string, kept: Kept): void {
  replacePrivate(join(folder, keptName), `${JSON.stringify(kept, null, 2)}\n`);
}

export function dropKept(folder: string): void {
  for (const name of [keptName, `${keptName}.new`]) rmSync(join(folder, name), { force: true });
}
