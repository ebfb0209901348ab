import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { type Block, encodeIndexEnvelope } from "../formats/index-file.ts";
import { FILE_PIECE_BYTES } from "../limits.ts";
import type { HeldRows } from "../shard/shard.ts";
import { chunkOf, rowOf } from "../shard/vector-store.ts";
import type { IndexState } from "../vector-index.ts";

export interface FileToWrite {
  state: IndexState;
  sequence: number;
  held: readonly HeldRows[];
  /** Of each shard's graph. */
  graphPaths: readonly string[];
}

export interface FileBody {
  size: number;
  open(): Readable;
}

/** The vectors are read where the shards have them, and only pieces of them are ever copied. */
export async function prepareIndexFile({ state, sequence, held, graphPaths }: FileToWrite): Promise<FileBody> {
  const { dimension } = state.parameters;
  const graphs = held.map(({ size }, number) => (size > 0 ? graphPaths[number]! : undefined));
  const blocks = [await blockOf(vectorPieces(held, dimension)), ...(await Promise.all(graphs.map(graphBlock)))];
  const count = held.reduce((sum, { slots }) => sum + slots.length, 0);
  const envelope = encodeIndexEnvelope(
    {
      name: state.name,
      index_id: state.id,
      ...state.parameters,
      created_at: state.createdAt.toISOString(),
      updated_at: state.updatedAt.toISOString(),
      last_sequence: sequence,
      count,
      shards: held.map(({ slots, size, labels }) => ({
        count: slots.length,
        graph_size: size,
        labels: Array.from(labels),
      })),
      blocks,
    },
    joinTexts(held.map(({ ids }) => ids)),
    joinTexts(held.map(({ metadata }) => metadata)),
  );
  async function* pieces() {
    yield envelope;
    yield* vectorPieces(held, dimension);
    for (const path of graphs)
      if (path !== undefined) yield* createReadStream(path, { highWaterMark: FILE_PIECE_BYTES });
  }
  const size = blocks.reduce((sum, { bytes }) => sum + bytes, envelope.length);
  return { size, open: () => Readable.from(pieces()) };
}

/** Row after row, shard after shard. */
function* vectorPieces(held: readonly HeldRows[], dimension: number): Generator<Uint8Array> {
  const rowsMax = Math.max(1, Math.floor(FILE_PIECE_BYTES / (dimension * Float32Array.BYTES_PER_ELEMENT)));
  for (const { slots, chunks } of held) {
    for (let from = 0; from < slots.length; from += rowsMax) {
      const rows = slots.subarray(from, from + rowsMax);
      const piece = new Float32Array(rows.length * dimension);
      for (const [row, slot] of rows.entries()) {
        const at = rowOf(slot) * dimension;
        piece.set(chunks[chunkOf(slot)]!.subarray(at, at + dimension), row * dimension);
      }
      yield new Uint8Array(piece.buffer);
    }
  }
}

async function graphBlock(path: string | undefined): Promise<Block> {
  if (path === undefined) return blockOf([]);
  const block = await blockOf(createReadStream(path, { highWaterMark: FILE_PIECE_BYTES }));
  const { size } = await stat(path);
  if (block.bytes !== size) throw new Error(`The graph ${path} changed while it was read.`);
  return block;
}

async function blockOf(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Block> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of pieces) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

function joinTexts(texts: readonly Uint8Array[]): string {
  return texts
    .filter(({ length }) => length > 0)
    .map((text) => Buffer.from(text.buffer, text.byteOffset, text.length).toString())
    .join(",");
}
