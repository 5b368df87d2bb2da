import assert from "node:assert/strict";
import { test } from "node:test";
import { ClusterCopy } from "../../../src/shard/cluster/cluster-copy.ts";
import { ShardMetadata } from "../../../src/shard/cluster/metadata.ts";
import type { Sql } from "../../../src/shard/sql.ts";
import { newSql } from "../sqlite.ts";

/** Metadata on a disk that takes so many writes. */
function metadataFor(writes: number): { metadata: ShardMetadata; restarted: () => ClusterCopy } {
  const sql = newSql();
  let left = writes;
  const limited: Sql = {
    exec(statement, ...bindings) {
      if (/^INSERT/.test(statement) && left-- <= 0) throw new Error("full");
      return sql.exec(statement, ...bindings);
    },
  };
  return { metadata: new ShardMetadata(limited), restarted: () => new ClusterCopy(new ShardMetadata(sql)) };
}

for (const writes of [2, 3])
  test(`a decision and the shards to be notified of it are written together, on a disk that takes ${writes} writes`, () => {
    const { metadata, restarted } = metadataFor(writes);
    const copy = new ClusterCopy(metadata);
    copy.decide({ shards: 3 });
    copy.setPending([]);
    try {
      copy.decide({ paused: ["a"] });
    } catch {}
    for (const { state, pending } of [copy, restarted()])
      if (state.paused.includes("a")) assert.deepEqual(pending, [1, 2]);
  });

test("a 410 and its report are written together", () => {
  const { metadata, restarted } = metadataFor(1);
  new ClusterCopy(metadata).disable("a");
  assert.deepEqual([restarted().state.disabled, restarted().pending], [["a"], [0]]);
});
