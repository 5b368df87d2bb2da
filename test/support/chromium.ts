/** The Chromium of the system, which tests and measurements of the page use. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Its program; null where there is none. */
export const chromiumPath: string | null = process.env.CHROMIUM_PATH || onPath("chromium");

export const withoutChromium = "no chromium is on PATH, and CHROMIUM_PATH names none";

function onPath(name: string): string | null {
  const paths = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name));
  return paths.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
