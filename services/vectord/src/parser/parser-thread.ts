import type { BatchBytes } from "../formats/batch.ts";
import { serveCalls, Transferred } from "../threads/serve-calls.ts";
import { parseAdd, parseDelete, type VectorKind } from "./parse-batch.ts";

export const parserCalls = {
  parseAdd: (body: Uint8Array, kind: VectorKind, shards: number) => handOver(parseAdd(body, kind, shards)),
  parseDelete: (body: Uint8Array, shards: number) => handOver(parseDelete(body, shards)),
};

function handOver(batches: BatchBytes[]): Transferred<BatchBytes[]> {
  return new Transferred(
    batches,
    batches.map(({ buffer }) => buffer),
  );
}

serveCalls(parserCalls);
