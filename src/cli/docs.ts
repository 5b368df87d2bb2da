/**
 * `npm run docs`: writes what is generated from definitions: the reference of the commands for people, their types and
 * names for receivers, the keys, operators and schema of rules, and the README's tables. With `--check` it writes nothing, and
 * fails if a file is not what it would write.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Route, routes } from "../http/routes.ts";
import { rulesSchema } from "../rule/schema.ts";
import { describeSettings } from "../settings.ts";
import { program } from "./program.ts";
import { reference } from "./reference.ts";
import { rulesPage } from "./rules-page.ts";
import { commandList, typings } from "./typings.ts";

const root = join(import.meta.dirname, "../..");

program(async () => {
  const check = process.argv.includes("--check");
  const files = {
    "docs/commands.md": reference(),
    "README.md": withMeasurements(withRoutes(withSettings(readFileSync(join(root, "README.md"), "utf8")))),
    "docs/rules.md": rulesPage(textOf(join(root, "docs/rules.md")) ?? ""),
    "docs/rules.schema.json": formatted("rules.schema.json", JSON.stringify(rulesSchema())),
    "src/receiver/commands.d.cts": formatted("commands.d.cts", typings()),
    "src/receiver/commands.cjs": formatted("commands.cjs", commandList()),
  };
  const stale = Object.entries(files).filter(([path, text]) => textOf(join(root, path)) !== text);
  if (check) for (const [path] of stale) console.error(`${path} is stale: npm run docs`);
  else for (const [path, text] of stale) write(join(root, path), text);
  return check && stale.length > 0 ? 1 : 0;
});

/** The README with its table of settings as they are now. */
function withSettings(readme: string): string {
  const rows = describeSettings().map(
    ({ name, kind, default: value, meaning }) => `| \`${name}\` | ${kind} | ${value} | ${meaning} |`,
  );
  const table = ["| Name | Kind | Default | Meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
  return withPart(readme, "settings", table);
}

/** The README with its table of routes as they are now. */
function withRoutes(readme: string): string {
  const names = (what: string, known: Readonly<Record<string, string>> = {}) => {
    const named = Object.entries(known).map(
      ([name, meaning]) => `\`${name}\`${meaning ? ` (${meaning})` : ""}`,
    );
    return named.length === 0 ? "" : `. ${what}: ${named.join(", ")}`;
  };
  const rows = Object.entries<Route>(routes).map(([name, { does, query, body }]) => {
    const route = name.replace(/:(\w+)/g, "{$1}");
    return `| \`${route}\` | ${does}${names("Parameters", query)}${names("Body", body)} |`;
  });
  return withPart(readme, "api", ["| Route | Does |", "| --- | --- |", ...rows].join("\n"));
}

/** The README with the goals and what was measured, as `npm run bench -- --write` last wrote it. */
function withMeasurements(readme: string): string {
  const table = /^\|[\s\S]*?(?=\n\n!\[)/m.exec(textOf(join(root, "docs/bench.md")) ?? "");
  return table ? withPart(readme, "bench", table[0]) : readme;
}

/** What stands between a part's marks is replaced. */
function withPart(readme: string, name: string, text: string): string {
  const part = new RegExp(`(<!-- ${name}[^>]*-->\\n)[\\s\\S]*?(\\n<!-- /${name} -->)`);
  return readme.replace(part, (_, begin, end) => `${begin}\n${text}\n${end}`);
}

/** As Biome formats it. */
function formatted(name: string, text: string): string {
  const biome = join(root, "node_modules/.bin/biome");
  const { status, stdout, stderr } = spawnSync(biome, ["format", `--stdin-file-path=${name}`], {
    cwd: root,
    input: text,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`biome cannot format ${name}: ${stderr}`);
  return stdout;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
