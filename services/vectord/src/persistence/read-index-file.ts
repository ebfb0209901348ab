import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { encodeTexts } from "../formats/batch.ts";
import { DamagedError } from "../formats/damaged-error.ts";
import { envelopeLength, HEAD_BYTES } from "../formats/frame.ts";
import {
  type Block,
  decodeIndexEnvelope,
  graphsFault,
  INDEX_FILE_MAGIC,
  type IndexFile,
} from "../formats/index-file.ts";
import type { LoadedShard } from "../shard/index-shards.ts";
import { CHUNK_ROWS } from "../shard/limits.ts";
import type { SavedGraph, ShardRows } from "../shard/shard.ts";
import { shardOf } from "../shard/shard-of.ts";
import { chunkOf, newChunk, rowOf } from "../shard/vector-store.ts";
import { ByteReader } from "./byte-reader.ts";
import type { IndexState } from "./index-state.ts";
import { GRAPH_PIECE_BYTES } from "./limits.ts";

export interface LoadedFile {
  state: IndexState;
  /** The log goes on after this one. */
  sequence: number;
  shards: LoadedShard[];
  /** Why a graph in it is of no use; undefined where all are fine. */
  graphFault: string | undefined;
}

interface Expected {
  name: string;
  size: number;
  /** How many the index has now; graphs are of use only where it had as many before. */
  shards: number;
}

/**
 * Reads an index file and checks every byte that is used of it.
 * @throws DamagedError where envelope or vectors are not what was written; a graph that is not is left out
 */
export async function readIndexFile(body: Readable, { name, size, shards }: Expected): Promise<LoadedFile> {
  const reader = new ByteReader(body);
  const head = await reader.read(Math.min(size, HEAD_BYTES));
  const file = decodeIndexEnvelope(await reader.read(envelopeLength(INDEX_FILE_MAGIC, head, size)), size);
  if (file.name !== name) throw new DamagedError(`It is the file of ${JSON.stringify(file.name.slice(0, 160))}.`);
  const fault = graphsFault(file) ?? dealingFault(file, shards);
  const owners = fault === undefined ? ownersInFile(file) : file.ids.map((id) => shardOf(id, shards));
  const rows = await readRows(reader, file, shards, owners);
  const rowsEnd = HEAD_BYTES + head.readUInt32BE(4) + file.blocks[0]!.bytes;
  const graphs = fault === undefined ? await readGraphs(reader, file, size - rowsEnd) : [];
  return {
    state: stateOf(file),
    sequence: file.last_sequence,
    shards: rows.map((rows, number) => ({ rows, graph: graphs[number]?.saved })),
    graphFault: fault ?? graphs.find((graph) => graph.fault !== undefined)?.fault,
  };
}

/** The reason why rows have to be dealt out anew, which makes the graphs useless; undefined if they need not be. */
function dealingFault(file: IndexFile, shards: number): string | undefined {
  if (file.shards.length !== shards) return `It was written by ${file.shards.length} shards; there are ${shards} now.`;
  return hasRowsElsewhere(file) ? "Its rows are not in the shards of their ids." : undefined;
}

function hasRowsElsewhere({ ids, shards }: IndexFile): boolean {
  let row = 0;
  for (const [number, { count }] of shards.entries()) {
    for (const end = row + count; row < end; row++) if (shardOf(ids[row]!, shards.length) !== number) return true;
  }
  return false;
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
async function readRows(
  reader: ByteReader,
  file: IndexFile,
  shards: number,
  owners: readonly number[],
): Promise<ShardRows[]> {
  const parts = Array.from({ length: shards }, () => new Part());
  for (const [row, owner] of owners.entries()) parts[owner]!.push(file.ids[row]!, JSON.stringify(file.metadata[row]));
  const rows = parts.map((part) => part.rows(file.dimension));
  const hash = createHash("sha256");
  for (const target of targetsOf(owners, rows, file.dimension)) {
    await reader.fill(target);
    hash.update(target);
  }
  if (hash.digest("hex") !== file.blocks[0]!.sha256) throw new DamagedError("Its vectors do not match their checksum.");
  return rows;
}

/** Where the vectors go, one row after the other; what follows each other in file and memory at once. */
function* targetsOf(owners: readonly number[], rows: readonly ShardRows[], dimension: number): Generator<Uint8Array> {
  const rowBytes = dimension * Float32Array.BYTES_PER_ELEMENT;
  const slots = rows.map(() => 0);
  for (let from = 0; from < owners.length; ) {
    const owner = owners[from]!;
    const slot = slots[owner]!;
    let to = from + 1;
    while (owners[to] === owner && chunkOf(slot + to - from) === chunkOf(slot)) to += 1;
    yield new Uint8Array(rows[owner]!.chunks[chunkOf(slot)]!.buffer, rowOf(slot) * rowBytes, (to - from) * rowBytes);
    slots[owner] = slot + to - from;
    from = to;
  }
}

function ownersInFile({ shards }: IndexFile): number[] {
  return shards.flatMap(({ count }, number) => new Array<number>(count).fill(number));
}

/** What one shard gets. */
class Part {
  readonly #ids: string[] = [];
  readonly #metadata: string[] = [];

  push(id: string, metadata: string): void {
    this.#ids.push(id);
    this.#metadata.push(metadata);
  }

  /** All that memory is taken at once: each chunk that comes later would have the collector look for something to give back. */
  rows(dimension: number): ShardRows {
    const chunks = Array.from({ length: Math.ceil(this.#ids.length / CHUNK_ROWS) }, () => newChunk(dimension));
    return { chunks, texts: encodeTexts(this.#ids, this.#metadata) };
  }
}

/** A shard's graph, or the reason why it can't be used. A graph of no vectors has neither. */
interface ReadGraph {
  saved?: SavedGraph;
  fault?: string;
}

/** @param bytes that are left of the file, which may have been cut */
async function readGraphs(reader: ByteReader, { shards, blocks }: IndexFile, bytes: number): Promise<ReadGraph[]> {
  const graphs: ReadGraph[] = [];
  let left = bytes;
  for (const [number, shard] of shards.entries()) {
    const block = blocks[number + 1]!;
    left -= block.bytes;
    graphs.push(
      left < 0
        ? { fault: `The file is cut off inside the graph of shard ${number}.` }
        : await readGraph(reader, block, number, shard),
    );
  }
  return graphs;
}

async function readGraph(
  reader: ByteReader,
  block: Block,
  number: number,
  { count, graph_size: size, labels, engine }: IndexFile["shards"][number],
): Promise<ReadGraph> {
  const pieces = await readBlock(reader, block);
  if (!pieces) return { fault: `The graph of shard ${number} does not match its checksum.` };
  if (labels.length !== count || !labels.every(isInt32)) {
    return { fault: `The labels of shard ${number} are not those of its rows.` };
  }
  // Every vector takes a byte at least. A list as long as a wrong size can take gigabytes.
  if (size > block.bytes) return { fault: `The graph of shard ${number} is too short for ${size} vectors.` };
  return size === 0 ? {} : { saved: { pieces, size, labels: Int32Array.from(labels), engine } };
}

function isInt32(number: number): boolean {
  return number === (number | 0);
}

/** @returns undefined where it is not what was written */
async function readBlock(reader: ByteReader, { bytes, sha256 }: Block): Promise<SavedGraph["pieces"] | undefined> {
  const hash = createHash("sha256");
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let left = bytes; left > 0; left -= pieces.at(-1)!.length) {
    const piece = new Uint8Array(Math.min(left, GRAPH_PIECE_BYTES));
    await reader.fill(piece);
    hash.update(piece);
    pieces.push(piece);
  }
  return hash.digest("hex") === sha256 ? pieces : undefined;
}
