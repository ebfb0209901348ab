import { workerData } from "node:worker_threads";
import { serveCalls } from "../threads/serve-calls.ts";
import { hnswEngine } from "./hnsw-index.ts";
import { ShardCalls } from "./shard-calls.ts";

export interface ShardThreadData {
  number: number;
  total: number;
}

const { number, total } = workerData as ShardThreadData;
serveCalls(new ShardCalls(hnswEngine, number, total));
