/** `npm run scale`: simulates many shards, and writes the tables of `docs/scaling.md`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { onStop, program } from "../../src/cli/program.ts";
import { root } from "../../src/cli/root.ts";
import { bills } from "./bills.ts";
import { inChinese } from "./chinese.ts";
import { type Counted, count } from "./count.ts";
import { parts } from "./page.ts";
import { withParts } from "./parts.ts";

const help = `Usage: npm run scale [-- options]

Simulates the gateway on 1, 8 and 64 shards, at rates that no single machine has, within the documented limits of the
platform. What an event and a delivery take, and what is billed, was counted on the real gateway.

  --count   counts that anew first: some minutes, in which the machine should be left alone
  --write   writes the tables of docs/scaling.md, and the bills of docs/deploying.md, in both languages`;

const file = join(import.meta.dirname, "counted.json");

program(async () => {
  const { values } = parseArgs({
    options: {
      help: { type: "boolean", short: "h" },
      count: { type: "boolean" },
      write: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (values.count) {
    const counted = await count(onStop().stopping, (line) => console.error(line));
    writeFileSync(file, `${JSON.stringify(counted, null, 2)}\n`);
  }
  const counted = JSON.parse(readFileSync(file, "utf8")) as Counted;
  const pages = { "scaling.md": parts(counted), "deploying.md": { bills: bills(counted) } };
  for (const [page, written] of Object.entries(pages))
    if (values.write) {
      renew(join(root, "docs", page), written);
      renew(join(root, "docs/zh-CN", page), inChinese(written));
    } else console.log(Object.values(written).join("\n\n"));
  return 0;
});

function renew(page: string, parts: Readonly<Record<string, string>>): void {
  writeFileSync(page, withParts(readFileSync(page, "utf8"), parts));
}
