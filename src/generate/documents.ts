/**
 * `node src/generate/documents.ts FOLDER`: writes the documents that are constants of a release into a folder of static
 * files. The Worker serves them, see `src/http/assets.ts`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeCommands } from "../callback/describe.ts";
import { openApi } from "../http/openapi.ts";
import { routes } from "../http/routes.ts";
import { rulesSchema } from "../rule/schema.ts";
import { version } from "../version.ts";

const documents = {
  "openapi.json": openApi(routes, version),
  "commands.json": { commands: describeCommands() },
  "rules.schema.json": rulesSchema(),
};

const folder = process.argv[2]!;
mkdirSync(folder, { recursive: true });
for (const [name, document] of Object.entries(documents))
  writeFileSync(join(folder, name), JSON.stringify(document));
