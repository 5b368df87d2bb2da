/** `tim-relay backup`: a copy of the events on this machine's disk, while the gateway runs. */
import { resolve } from "node:path";
import { command } from "../command.ts";
import { counted } from "../counted.ts";
import { say, sayJson } from "../screen.ts";

const help = `
For a gateway of "serve". It goes on meanwhile; each shard is copied as it is at one moment. To restore, stop the
gateway and start it with the copy as its DATA_DIR: it sends again what was delivered since, with the same ids.

Example: npx tim-relay backup /var/backups/tim-relay-$(date +%F)`;

export const backup = command("backup", "copies the events on disk while the gateway runs")
  .argument("<folder>", "the copy; it must not exist")
  .option("--data-dir <folder>", "the gateway's folder (DATA_DIR, else .data)")
  .option("--json", "prints JSON: one value, or one a line where there may be many")
  .addHelpText("after", help)
  .action(async (folder, { dataDir, json }) => {
    const { backupDataDir } = await import("../backup.ts");
    const from = resolve(dataDir ?? (process.env.DATA_DIR || ".data"));
    const made = await backupDataDir(from, resolve(folder));
    if (json) sayJson({ folder: resolve(folder), ...made });
    else say(`${counted(made.databases, "database")}, ${(made.bytes / 1e6).toFixed(1)} MB in ${folder}`);
  });
