import { type BatchBytes, freeBytes } from "../formats/batch.ts";
import { serveCalls, Transferred } from "../threads/serve-calls.ts";
import { parseAdd, parseDelete, type VectorKind } from "./parse-batch.ts";

type Body = Uint8Array<ArrayBuffer>;

/** Bodies come with their memory, and batches go with theirs. */
export const parserCalls = {
  parseAdd: (body: Body, kind: VectorKind, shards: number) => used(body, () => parseAdd(body, kind, shards)),
  parseDelete: (body: Body, shards: number) => used(body, () => parseDelete(body, shards)),
};

function used(body: Body, parse: () => BatchBytes[]): Transferred<BatchBytes[]> {
  try {
    const batches = parse();
    return new Transferred(
      batches,
      batches.map(({ buffer }) => buffer),
    );
  } finally {
    freeBytes(body);
  }
}

serveCalls(parserCalls);
