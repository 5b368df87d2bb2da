/** The imports of the sources: no file leads back to itself, and a folder knows only the folders beneath it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { test } from "node:test";

type Imports = ReadonlyMap<string, readonly string[]>;

/** The parts of the sources that each part may import. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "timing-safe.ts": [],
  "version.ts": [],
  "elapsed.ts": [],
  "in-time.ts": [],
  "sentence.ts": [],
  receiver: [],
  client: [],
  dashboard: ["client", "callback", "rule"],
  callback: ["timing-safe.ts", "sentence.ts"],
  rule: ["callback", "elapsed.ts", "in-time.ts", "sentence.ts"],
  delivery: ["callback", "rule", "sentence.ts"],
  verdict: ["callback", "rule", "delivery", "in-time.ts", "sentence.ts"],
  "counters.ts": ["callback", "rule"],
  "setting-kinds.ts": ["rule", "sentence.ts"],
  "log.ts": ["callback", "delivery"],
  "log-limit.ts": ["log.ts"],
  "settings.ts": ["log.ts", "setting-kinds.ts", "sentence.ts"],
  "setting-meanings.ts": ["settings.ts"],
  "config.ts": ["callback", "rule", "setting-kinds.ts", "settings.ts", "sentence.ts"],
  shard: [
    "callback",
    "rule",
    "delivery",
    "elapsed.ts",
    "in-time.ts",
    "config.ts",
    "counters.ts",
    "log.ts",
    "log-limit.ts",
    "sentence.ts",
    "version.ts",
  ],
  http: [
    "callback",
    "rule",
    "verdict",
    "shard",
    "elapsed.ts",
    "in-time.ts",
    "config.ts",
    "counters.ts",
    "log.ts",
    "log-limit.ts",
    "sentence.ts",
    "setting-meanings.ts",
    "timing-safe.ts",
    "version.ts",
  ],
  limiter: [],
  "index.ts": ["http", "limiter", "shard"],
  cli: [
    "callback",
    "rule",
    "delivery",
    "verdict",
    "client",
    "config.ts",
    "settings.ts",
    "version.ts",
    "sentence.ts",
  ],
  generate: [
    "callback",
    "rule",
    "http",
    "cli",
    "setting-meanings.ts",
    "settings.ts",
    "version.ts",
    "sentence.ts",
  ],
};

/** The stages of a shard that each stage may import. */
const stageMayImport: Readonly<Record<string, readonly string[]>> = {
  cluster: [],
  journal: [],
  append: ["cluster", "journal"],
  pump: ["cluster", "journal"],
  listen: [],
  erase: ["cluster", "journal", "append", "pump"],
  replay: ["cluster", "journal", "pump"],
  query: ["cluster", "journal", "pump"],
  relay: ["journal", "pump"],
  tail: ["cluster", "journal", "query"],
};

const sources = join(import.meta.dirname, "../src");

const imports = importsOf(sources);

test("no imports form a cycle, not even of types", () => {
  assert.equal(cycleIn(imports), null);
});

test("a part of the sources imports only the parts beneath it", () => {
  assert.deepEqual(
    strayImports(imports, (file) => file.split("/")[0]!, mayImport),
    [],
  );
});

test("a stage of a shard imports only the stages beneath it", () => {
  assert.deepEqual(strayImports(imports, stageOf, stageMayImport), []);
});

test("the documentation of the API stays out of the Worker", () => {
  const documentation = /from "[./]+(operations|operations\/[\w-]+|openapi)\.ts";$/;
  const strays = [...imports.keys()]
    .filter((file) => /^http\/(?!operations|openapi)/.test(file))
    .flatMap((file) => {
      const statements = readFileSync(join(sources, file), "utf8").match(/^import [^;]*;$/gm) ?? [];
      return statements
        .filter((one) => documentation.test(one) && !one.startsWith("import type "))
        .map((one) => `${file}: ${one}`);
    });
  assert.deepEqual(strays, []);
});

test("a cycle is found and named", () => {
  const files = { "a.ts": ["b.ts"], "b.ts": ["c.ts", "d.ts"], "c.ts": [], "d.ts": ["b.ts"] };
  assert.equal(cycleIn(new Map(Object.entries(files))), "b.ts → d.ts → b.ts");
});

test("an import against the order is found and named", () => {
  const files = { "rule/a.ts": ["shard/b.ts", "callback/c.ts", "rule/d.ts"], "new/e.ts": ["rule/a.ts"] };
  assert.deepEqual(
    strayImports(new Map(Object.entries(files)), (file) => file.split("/")[0]!, mayImport),
    ["rule/a.ts → shard/b.ts", "new/e.ts → rule/a.ts"],
  );
});

test("every form of import is read", () => {
  const text = `
import { a, type B } from "./a.ts";
import type {
  C,
} from "../c.ts";
import "./d.ts";
export { E } from "./e.ts";
const f = await import("./f.ts");
const { g } = require("./g.cjs");
/** @import { H } from "./h.d.ts" */
import { test } from "node:test";`;
  const targets = ["./a.ts", "../c.ts", "./d.ts", "./e.ts", "./f.ts", "./g.cjs", "./h.d.ts"];
  assert.deepEqual(targetsIn(text), targets);
});

/** The files of a folder and the files that each of them imports, by their paths in the folder. */
function importsOf(folder: string): Imports {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => /\.(c?[jt]s|tsx)$/.test(file));
  return new Map(
    files.map((file) => {
      const targets = targetsIn(readFileSync(join(folder, file), "utf8"));
      const paths = targets.map((target) => posix.join(posix.dirname(file), target));
      return [file, paths.filter((path) => !path.startsWith("../"))];
    }),
  );
}

/** The relative paths that a file imports or exports from. */
function targetsIn(text: string): string[] {
  return [...text.matchAll(/(?:\bfrom|\bimport\(|\brequire\(|^import) ?"(\.[^"]+)"/gm)].map(
    ([, target]) => target!,
  );
}

/** The first cycle found, as a chain of files; null if there is none. */
function cycleIn(imports: Imports): string | null {
  const done = new Set<string>();
  const visit = (file: string, chain: readonly string[]): string | null => {
    const start = chain.indexOf(file);
    if (start !== -1) return [...chain.slice(start), file].join(" → ");
    if (done.has(file)) return null;
    for (const target of imports.get(file) ?? []) {
      const cycle = visit(target, [...chain, file]);
      if (cycle !== null) return cycle;
    }
    done.add(file);
    return null;
  };
  for (const file of imports.keys()) {
    const cycle = visit(file, []);
    if (cycle !== null) return cycle;
  }
  return null;
}

/** The imports from one part to another that the order does not allow. A file without a part may import all. */
function strayImports(
  imports: Imports,
  partOf: (file: string) => string | null,
  allowed: Readonly<Record<string, readonly string[]>>,
): string[] {
  return [...imports].flatMap(([file, targets]) => {
    const part = partOf(file);
    return targets
      .filter((target) => {
        const other = partOf(target);
        return part !== null && other !== null && other !== part && !allowed[part]?.includes(other);
      })
      .map((target) => `${file} → ${target}`);
  });
}

function stageOf(file: string): string | null {
  return /^shard\/(\w+)\//.exec(file)?.[1] ?? null;
}
