/**
 * `npm run docs`: writes the files that are generated from definitions. These are the reference of the commands, with
 * their types and names for receivers. Further files are the page and the schema of rules, the schema of
 * `tim-relay.jsonc`, the OpenAPI document, the types of its client, and the README's tables. With `--check` it writes
 * nothing, and fails if a file is stale. It also fails if the OpenAPI document breaks a rule of its linter.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { program } from "../cli/program.ts";
import { root } from "../cli/root.ts";
import { type OpenApi, openApi } from "../http/openapi.ts";
import { routes } from "../http/routes.ts";
import { rulesSchema } from "../rule/schema.ts";
import { describeSettings } from "../settings.ts";
import { version } from "../version.ts";
import { toolsTable } from "./agents-page.ts";
import { apiTable } from "./api-table.ts";
import { clientTypes } from "./client-types.ts";
import { doctorTable } from "./doctor-page.ts";
import { table } from "./markdown.ts";
import { openApiProblems } from "./openapi-problems.ts";
import { reference } from "./reference.ts";
import { rulesPage } from "./rules-page.ts";
import { tablesPage } from "./tables.ts";
import { commandList, typings } from "./typings.ts";
import { userFileSchema } from "./user-file-schema.ts";

program(async () => {
  const check = process.argv.includes("--check");
  const api = openApi(routes, version);
  const problems = await openApiProblems(JSON.stringify(api));
  for (const problem of problems) console.error(`docs/openapi.json ${problem}`);
  const files = {
    "docs/commands.md": reference(),
    "README.md": withMeasurements(
      withRoutes(withSettings(readFileSync(join(root, "README.md"), "utf8")), api),
    ),
    "docs/openapi.json": formatted("openapi.json", JSON.stringify(api)),
    "docs/architecture.md": withPart(
      textOf(join(root, "docs/architecture.md")) ?? "",
      "tables",
      tablesPage(root),
    ),
    "docs/agents.md": withPart(textOf(join(root, "docs/agents.md")) ?? "", "tools", toolsTable()),
    "docs/doctor.md": withPart(textOf(join(root, "docs/doctor.md")) ?? "", "doctor", doctorTable()),
    "docs/rules.md": rulesPage(textOf(join(root, "docs/rules.md")) ?? ""),
    "docs/rules.schema.json": formatted("rules.schema.json", JSON.stringify(rulesSchema())),
    "src/client/api.d.ts": formatted("api.d.ts", await clientTypes(JSON.stringify(api))),
    "docs/tim-relay.schema.json": formatted("tim-relay.schema.json", JSON.stringify(userFileSchema())),
    "src/receiver/commands.d.cts": formatted("commands.d.cts", typings()),
    "src/receiver/commands.cjs": formatted("commands.cjs", commandList()),
  };
  const stale = Object.entries(files).filter(([path, text]) => textOf(join(root, path)) !== text);
  if (check) for (const [path] of stale) console.error(`${path} is stale: npm run docs`);
  else for (const [path, text] of stale) write(join(root, path), text);
  return problems.length > 0 || (check && stale.length > 0) ? 1 : 0;
});

/** The README with the current table of settings. */
function withSettings(readme: string): string {
  const rows = describeSettings().map(({ name, kind, default: value, meaning }) => [
    `\`${name}\``,
    kind,
    value,
    meaning,
  ]);
  return withPart(readme, "settings", table(["Name", "Kind", "Default", "Meaning"], rows));
}

/** The README with the current table of routes. */
function withRoutes(readme: string, api: OpenApi): string {
  return withPart(readme, "api", apiTable(api));
}

/** The README with the table of goals and measurements that `npm run bench -- --write` last wrote. */
function withMeasurements(readme: string): string {
  const measured = /^\|[\s\S]*?(?=\n\n!\[)/m.exec(textOf(join(root, "docs/bench.md")) ?? "");
  return measured ? withPart(readme, "bench", measured[0]) : readme;
}

/** The README with the text between a part's marks replaced. */
function withPart(readme: string, name: string, text: string): string {
  const part = new RegExp(`(<!-- ${name}[^>]*-->\\n)[\\s\\S]*?(\\n<!-- /${name} -->)`);
  return readme.replace(part, (_, begin, end) => `${begin}\n${text}\n${end}`);
}

/** A text as Biome formats it. */
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
