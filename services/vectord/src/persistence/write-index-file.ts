import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type Block, encodeIndexEnvelope } from "../formats/index-file.ts";
import { FILE_PIECE_BYTES } from "../shard/limits.ts";
import { type SavedShard, shardFiles } from "../shard/shard.ts";
import type { IndexState } from "./index-state.ts";

export interface FileToWrite {
  state: IndexState;
  sequence: number;
  /** What each shard has saved, and in which folder. */
  shards: readonly (SavedShard & { folder: string })[];
}

export interface FileBody {
  size: number;
  open(): Readable;
}

/** Puts the file together from what the shards have saved, without ever having it in memory. */
export async function prepareIndexFile({ state, sequence, shards }: FileToWrite): Promise<FileBody> {
  const vectors = shards.map(({ folder }) => join(folder, shardFiles.vectors));
  // A graph of no vectors is not written.
  const graphs = shards.map(({ folder, graphSize }) => (graphSize > 0 ? [join(folder, shardFiles.graph)] : []));
  const blocks = await Promise.all([vectors, ...graphs].map(blockOf));
  const envelope = encodeIndexEnvelope(
    {
      name: state.name,
      index_id: state.id,
      ...state.parameters,
      created_at: state.createdAt.toISOString(),
      updated_at: state.updatedAt.toISOString(),
      last_sequence: sequence,
      count: shards.reduce((sum, { count }) => sum + count, 0),
      shards: shards.map(({ count, graphSize, labels, engine }) => ({
        count,
        graph_size: graphSize,
        labels: Array.from(labels),
        engine,
      })),
      blocks,
    },
    await joinTexts(shards.map(({ folder }) => join(folder, shardFiles.ids))),
    await joinTexts(shards.map(({ folder }) => join(folder, shardFiles.metadata))),
  );
  async function* pieces() {
    yield envelope;
    yield* piecesOf([...vectors, ...graphs.flat()]);
  }
  const size = blocks.reduce((sum, { bytes }) => sum + bytes, envelope.length);
  return { size, open: () => Readable.from(pieces()) };
}

async function* piecesOf(paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const path of paths) yield* createReadStream(path, { highWaterMark: FILE_PIECE_BYTES });
}

async function blockOf(paths: readonly string[]): Promise<Block> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of piecesOf(paths)) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

async function joinTexts(paths: readonly string[]): Promise<string> {
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  return texts.filter((text) => text !== "").join(",");
}
