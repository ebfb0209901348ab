/** For scripts/resilience/fuzz-vectors: how index files are written, loaded and searched, without a server. */
export { type BatchBytes, encodeAdd, encodeDelete } from "./formats/batch.ts";
export { DamagedError } from "./formats/damaged-error.ts";
export { type Entry, encodeRecord, type Parameters } from "./formats/log-record.ts";
export type { FileCalls } from "./persistence/file-calls.ts";
export { IndexLoader, type LoadedIndex } from "./persistence/index-loader.ts";
export type { IndexStore, StoredIndex } from "./persistence/index-store.ts";
export { readIndexFile } from "./persistence/read-index-file.ts";
export { prepareIndexFile } from "./persistence/write-index-file.ts";
export { mergeHits } from "./search-answer.ts";
export { hnswEngine } from "./shard/hnsw-index.ts";
export { IndexShards } from "./shard/index-shards.ts";
export { type Handle, ShardCalls } from "./shard/shard-calls.ts";
export { shardOf } from "./shard/shard-of.ts";
export type { ShardThreads } from "./shard/shard-threads.ts";
export type { RevivingThread } from "./threads/reviving-thread.ts";
