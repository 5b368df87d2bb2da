/** Random damage to the files of a gateway that was killed. */
import { closeSync, openSync, readdirSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Chance } from "../support/chance.ts";
import { objectsFolder } from "../support/data-folder.ts";

const mostBytes = 8_192;

/** Damages one file of a shard, or its log, and says how. */
export function spoilOne(dataDir: string, chance: Chance): string {
  const folder = objectsFolder(dataDir);
  const names = readdirSync(folder)
    .filter((name) => /^[0-9a-f]{64}\.sqlite(-wal)?$/.test(name) && statSync(join(folder, name)).size > 0)
    .sort();
  const name = chance.pick(names);
  const path = join(folder, name);
  const { size } = statSync(path);
  const at = chance.between(0, size - 1);
  const shown = `${name.slice(0, 4)}…${name.slice(64)}`;
  if (chance.happens(0.15)) {
    truncateSync(path, at);
    return `${shown} is cut to ${at} of ${size} bytes`;
  }
  const length = Math.min(size - at, chance.happens(0.3) ? 1 : chance.between(1, mostBytes));
  const zeros = chance.happens(0.3);
  const bytes = Uint8Array.from({ length }, () => (zeros ? 0 : chance.between(0, 255)));
  const file = openSync(path, "r+");
  writeSync(file, bytes, 0, length, at);
  closeSync(file);
  return `${shown} has ${length} bytes of ${zeros ? "zeros" : "noise"} at ${at} of ${size}`;
}
