/** Keys of a rule that do not go with every kind of address. */

import { say } from "../sentence.ts";
import type { AddressKind } from "./address.ts";
import { leastBatch, mostOf } from "./batches.ts";
import type { Values } from "./keys.ts";
import type { SettingPath } from "./setting-path.ts";

/** Addresses whose receivers give no answer that `succeeds` could look at. */
const muteKinds: readonly AddressKind[] = ["queue", "r2", "poll"];

/** Whether a rule's keys go with its address; each that does not is reported. */
export function fitsAddress({ url, format, succeeds, batch }: Values, path: SettingPath): boolean {
  if (url === undefined) return true;
  const { kind } = url;
  const isMute = succeeds !== undefined && muteKinds.includes(kind);
  if (isMute) path.key("succeeds").problem(say`does not go with ${kind as string}:, which gives no answer`);
  const isRaw = kind === "r2" && format === "raw";
  if (isRaw) path.key("format").problem(say`of an archive is event or cloudevents: raw has no batches`);
  const isPolled = kind === "poll" && batch !== undefined;
  if (isPolled) path.key("batch").problem(say`does not go with "url": "poll:", whose polls have a limit`);
  const most = mostOf(kind);
  const beyond = (["size", "ms"] as const).filter((name) => (batch?.[name] ?? 0) > most[name]);
  for (const name of beyond)
    path
      .key("batch")
      .key(name)
      .problem(say`expected a whole number from ${leastBatch[name]} to ${most[name]}, got ${batch![name]}`);
  return !isMute && !isRaw && !isPolled && beyond.length === 0;
}
