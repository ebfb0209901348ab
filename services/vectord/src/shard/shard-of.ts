/** Which of `total` shards an item belongs to: FNV-1a over its id's code units. Part of the file format, since graphs are per shard. */
export function shardOf(id: string, total: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % total;
}
