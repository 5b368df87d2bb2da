/** An archive in R2, read back: its objects, and the events in them. */
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import type { Miniflare } from "miniflare";
import { until } from "../../support/until.ts";

export interface ArchivedObject {
  name: string;
  metadata: Record<string, string>;
  lines: string[];
}

/** All objects of the bucket ARCHIVE. */
export async function archivedObjects(miniflare: Miniflare): Promise<ArchivedObject[]> {
  const bucket = await miniflare.getR2Bucket("ARCHIVE", "tim-relay");
  const found: ArchivedObject[] = [];
  let cursor: string | undefined;
  do {
    const page = await bucket.list({ include: ["customMetadata"], ...(cursor && { cursor }) });
    for (const { key, customMetadata = {} } of page.objects) {
      const content = await (await bucket.get(key))!.arrayBuffer();
      const text = gunzipSync(content).toString();
      assert.ok(text.endsWith("\n"));
      found.push({ name: key, metadata: customMetadata, lines: text.slice(0, -1).split("\n") });
    }
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor);
  return found;
}

/** The same, as soon as they hold so many lines together. */
export function whenArchived(miniflare: Miniflare, lines: number): Promise<ArchivedObject[]> {
  return until(`${lines} lines are archived`, async () => {
    const objects = await archivedObjects(miniflare);
    return objects.reduce((sum, object) => sum + object.lines.length, 0) >= lines && objects;
  });
}
