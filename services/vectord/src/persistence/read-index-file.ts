import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { encodeTexts } from "../formats/batch.ts";
import { DamagedError } from "../formats/damaged-error.ts";
import { envelopeLength, HEAD_BYTES } from "../formats/frame.ts";
import { type Block, decodeIndexEnvelope, INDEX_FILE_MAGIC, type IndexFile } from "../formats/index-file.ts";
import { FILE_PIECE_BYTES } from "../limits.ts";
import type { SavedGraph, ShardRows } from "../shard/shard.ts";
import { shardOf } from "../shard/shard-of.ts";
import { type Chunk, chunkOf, newChunk, rowOf } from "../shard/vector-store.ts";
import type { IndexState } from "../vector-index.ts";
import { ByteReader } from "./byte-reader.ts";

export interface LoadedFile {
  state: IndexState;
  /** The log goes on after this one. */
  sequence: number;
  shards: { rows: ShardRows; graph: SavedGraph | undefined }[];
  /** Why a graph in it is of no use; undefined where all are fine. */
  graphFault: string | undefined;
}

interface Expected {
  name: string;
  size: number;
  /** How many the index has now; graphs are of use only where it had as many before. */
  shards: number;
  folder: string;
}

/**
 * Reads an index file to its end and checks every byte of it.
 * @throws DamagedError where envelope or vectors are not what was written; a graph that is not is left out
 */
export async function readIndexFile(body: Readable, { name, size, shards, folder }: Expected): Promise<LoadedFile> {
  const reader = new ByteReader(body);
  const head = await reader.read(Math.min(size, HEAD_BYTES));
  const file = decodeIndexEnvelope(await reader.read(envelopeLength(INDEX_FILE_MAGIC, head, size)), size);
  if (file.name !== name) throw new DamagedError(`It is the file of ${JSON.stringify(file.name)}.`);
  const rows = await readRows(reader, file, shards);
  const graphs = await readGraphs(reader, file, join(folder, file.index_id));
  const usable = file.shards.length === shards ? graphs : [];
  const faults = graphs.map((graph) => ("fault" in graph ? graph.fault : undefined));
  return {
    state: stateOf(file),
    sequence: file.last_sequence,
    shards: rows.map((rows, number) => {
      const graph = usable[number];
      return { rows, graph: graph && !("fault" in graph) ? graph : undefined };
    }),
    graphFault:
      usable === graphs
        ? faults.find((fault) => fault !== undefined)
        : `It was written by ${file.shards.length} shards; there are ${shards} now.`,
  };
}

function stateOf(file: IndexFile): IndexState {
  const { name, index_id: id, dimension, distance, m, ef_construction, ef_search, count } = file;
  return {
    name,
    id,
    parameters: { dimension, distance, m, ef_construction, ef_search },
    createdAt: new Date(file.created_at),
    updatedAt: new Date(file.updated_at),
    count,
  };
}

/** Rows go straight into the chunks that their shards will have. */
async function readRows(reader: ByteReader, file: IndexFile, shards: number): Promise<ShardRows[]> {
  const rowBytes = file.dimension * Float32Array.BYTES_PER_ELEMENT;
  const owners = file.shards.length === shards ? ownersInFile(file) : file.ids.map((id) => shardOf(id, shards));
  const parts = Array.from({ length: shards }, () => new Part(file.dimension));
  const hash = createHash("sha256");
  const rowsMax = Math.max(1, Math.floor(FILE_PIECE_BYTES / rowBytes));
  for (let from = 0; from < file.count; from += rowsMax) {
    const rows = Math.min(rowsMax, file.count - from);
    const piece = await reader.read(rows * rowBytes);
    hash.update(piece);
    for (let row = 0; row < rows; row++) {
      const vector = piece.subarray(row * rowBytes, (row + 1) * rowBytes);
      parts[owners[from + row]!]!.push(file.ids[from + row]!, vector, JSON.stringify(file.metadata[from + row]));
    }
  }
  if (hash.digest("hex") !== file.blocks[0]!.sha256) throw new DamagedError("Its vectors do not match their checksum.");
  return parts.map((part) => part.rows());
}

function ownersInFile({ shards }: IndexFile): number[] {
  return shards.flatMap(({ count }, number) => new Array<number>(count).fill(number));
}

/** What one shard gets. */
class Part {
  readonly #dimension: number;
  readonly #chunks: Chunk[] = [];
  readonly #ids: string[] = [];
  readonly #metadata: string[] = [];

  constructor(dimension: number) {
    this.#dimension = dimension;
  }

  push(id: string, vector: Uint8Array, metadata: string): void {
    const slot = this.#ids.length;
    if (chunkOf(slot) === this.#chunks.length) this.#chunks.push(newChunk(this.#dimension));
    const { buffer } = this.#chunks[chunkOf(slot)]!;
    new Uint8Array(buffer, rowOf(slot) * vector.length, vector.length).set(vector);
    this.#ids.push(id);
    this.#metadata.push(metadata);
  }

  rows(): ShardRows {
    return { chunks: this.#chunks, texts: encodeTexts(this.#ids, this.#metadata) };
  }
}

/** What there is of a shard's graph: a file for the library to load, or why there is none. */
type ReadGraph = SavedGraph | { fault: string | undefined };

async function readGraphs(reader: ByteReader, file: IndexFile, path: string): Promise<ReadGraph[]> {
  const graphs: ReadGraph[] = [];
  for (const [number, { graph_size: size, labels }] of file.shards.entries()) {
    const block = file.blocks[number + 1]!;
    const graph = { path: `${path}-${number}`, size, labels: Int32Array.from(labels) };
    const isWhole = await copyBlock(reader, block, graph.path);
    if (!isWhole) graphs.push({ fault: `The graph of shard ${number} does not match its checksum.` });
    else graphs.push(size === 0 ? { fault: undefined } : graph);
  }
  return graphs;
}

async function copyBlock(reader: ByteReader, block: Block, path: string): Promise<boolean> {
  const hash = createHash("sha256");
  await using target = await open(path, "w");
  for await (const piece of reader.pieces(block.bytes)) {
    hash.update(piece);
    await target.write(piece);
  }
  return hash.digest("hex") === block.sha256;
}
