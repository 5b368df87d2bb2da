/** Looks whether the files of settings have changed, and whether new settings may replace the ones in use. */
import { statSync } from "node:fs";
import { safeParse } from "valibot";
import { printable } from "../callback/text.ts";
import { readConfig } from "../config.ts";
import { settings as definitions } from "../settings.ts";
import type { Settings } from "./settings.ts";

/** How often the files are looked at, milliseconds. Unlike notices of the system, looks work on every file system. */
const lookEveryMs = 500;

/** A watch of files, any of which may be missing. It does not keep the process alive. */
export class SettingsWatch {
  readonly #paths: readonly string[];
  #known: string;

  /** Changes count from here on. */
  constructor(paths: readonly string[]) {
    this.#paths = paths;
    this.#known = this.#look();
  }

  /** Calls `take` after each change, one call at a time. Its error is printed as a sentence. Returns the end of that. */
  follow(take: () => Promise<void>): () => void {
    let busy = false;
    const watch = setInterval(async () => {
      const now = this.#look();
      if (busy || now === this.#known) return;
      this.#known = now;
      busy = true;
      await take().catch((error) =>
        console.error(printable(`✘ ${error instanceof Error ? error.message : error}`)),
      );
      busy = false;
    }, lookEveryMs);
    watch.unref();
    return () => clearInterval(watch);
  }

  #look(): string {
    return this.#paths.map(stateOf).join();
  }
}

function stateOf(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return "missing";
  }
}

/**
 * The mistakes for which a running gateway keeps its settings: one that stops all receiving, a rule that is wrong, a
 * value that is not heeded. Mere warnings, such as a missing token, are none. Empty: the settings may be used.
 * @param bindings by name, as in the Worker's environment
 */
export function mistakesIn(settings: Settings, bindings: object): readonly string[] {
  const { configured, rules, problems } = readConfig({ ...bindings, ...settings });
  const heeded = Object.entries(definitions).every(
    ([name, { schema }]) => !settings[name] || safeParse(schema(), settings[name]).success,
  );
  return configured && heeded && rules.mistakes.length === 0 ? [] : problems;
}
