/** The shard of an event, and the names of shards. */

export function shardName(index: number): string {
  return `shard-${index}`;
}

/** The index in a shard's name. */
export function shardIndex(name: string): number {
  return Number(name.slice("shard-".length));
}

/** Spreads keys evenly. The same key always gives the same shard. */
export function shardOf(key: string, shards: number): number {
  return hashOf(key) % shards;
}

/** 32 bits: FNV-1a over UTF-16 units. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
