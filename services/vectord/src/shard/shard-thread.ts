import { workerData } from "node:worker_threads";
import { serveCalls } from "../threads/serve-calls.ts";
import type { EngineName } from "./ann-index.ts";
import { loadEngine } from "./engines.ts";
import { ShardCalls } from "./shard-calls.ts";

export interface ShardThreadData {
  number: number;
  total: number;
  engine: EngineName;
}

const { number, total, engine } = workerData as ShardThreadData;
serveCalls(new ShardCalls(await loadEngine(engine), number, total));
