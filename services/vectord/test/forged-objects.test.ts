import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ask, eventually } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { encodeAdd } from "../src/formats/batch.ts";
import { describe, type Frame, openFrame, sealFrame, sealText } from "./forgery/frame.ts";
import { GraphBytes, headerAt } from "./forgery/graph-bytes.ts";
import { startProcesses } from "./processes.ts";

const DIMENSION = 32;
const ITEMS = 2_000;

/** Numbers in [-1, 1), the same in each run. */
function vectorOf(row: number): number[] {
  let state = row + 1;
  return Array.from({ length: DIMENSION }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 31;
  });
}

const items = Array.from({ length: ITEMS }, (_, row) => ({
  id: `${row}`,
  vector: vectorOf(row),
  metadata: { row },
}));

function namesIn(list: readonly { name: string }[]): Set<string> {
  return new Set(list.map(({ name }) => name));
}

function nested(levels: number): string {
  return `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
}

/** undefined until it has all items, and all of them in its graphs. */
async function wholeFile(path: string): Promise<Buffer | undefined> {
  const bytes = await readFile(path);
  const { shards } = openFrame(bytes).envelope;
  const indexed = shards.reduce((sum: number, { graph_size }: { graph_size: number }) => sum + graph_size, 0);
  return indexed === ITEMS ? bytes : undefined;
}

/** Forges every graph in the file. */
function inGraphs(forge: (graph: GraphBytes) => void): (file: Frame) => void {
  return ({ blocks }) => {
    for (const block of blocks.slice(1)) forge(new GraphBytes(block));
  };
}

function everyNode(forge: (graph: GraphBytes, node: number) => void): (file: Frame) => void {
  return inGraphs((graph) => {
    for (let node = 0; node < graph.count; node++) forge(graph, node);
  });
}

/** Each with checksums that are right. */
const badGraphs: Record<string, (file: Frame) => void> = {
  "links-away": everyNode((graph, node) => {
    for (let i = 0; i < graph.linksOf(node); i++) graph.bytes.writeUInt32LE(0x70000000 + i, graph.linkAt(node, i));
  }),
  "link-just-past": everyNode((graph, node) => graph.bytes.writeUInt32LE(graph.count, graph.linkAt(node, 0))),
  "upper-links-away": inGraphs((graph) => {
    for (const { at } of graph.upperLists()) graph.bytes.writeUInt32LE(0x70000000, at + 4);
  }),
  "upper-links-too-low": inGraphs((graph) => {
    const { node } = graph.upperSizes().find(({ size }) => size === 0)!;
    for (const { at } of graph.upperLists()) graph.bytes.writeUInt32LE(node, at + 4);
  }),
  "link-counts": everyNode((graph, node) => graph.bytes.writeUInt16LE(0xffff, graph.listAt(node))),
  "upper-link-counts": inGraphs((graph) => {
    for (const { at } of graph.upperLists()) graph.bytes.writeUInt16LE(0xffff, at);
  }),
  "entry-point-away": inGraphs(({ bytes }) => bytes.writeUInt32LE(0x7fffffff, headerAt.entryPoint)),
  "entry-point-too-low": inGraphs((graph) => {
    const { node } = graph.upperSizes().find(({ size }) => size === 0)!;
    graph.bytes.writeUInt32LE(node, headerAt.entryPoint);
  }),
  "top-layer": inGraphs(({ bytes }) => bytes.writeInt32LE(1_000_000, headerAt.topLayer)),
  "top-layer-negative": inGraphs(({ bytes }) => bytes.writeInt32LE(-2, headerAt.topLayer)),
  "upper-bytes": inGraphs((graph) => {
    const [first] = graph.upperSizes();
    graph.bytes.writeUInt32LE(4 * (1 + graph.m) * 0x3000000, first!.at);
  }),
  "labels-in-graph": everyNode((graph, node) =>
    graph.bytes.writeBigUInt64LE(BigInt((node + 1) % graph.count), graph.labelAt(node)),
  ),
  "codes-of-others": inGraphs((graph) => {
    const length = graph.codeBytes;
    const first = Buffer.from(graph.bytes.subarray(graph.codeAt(0), graph.codeAt(0) + length));
    for (let node = 0; node + 1 < graph.count; node++) {
      graph.bytes.copyWithin(graph.codeAt(node), graph.codeAt(node + 1), graph.codeAt(node + 1) + length);
    }
    first.copy(graph.bytes, graph.codeAt(graph.count - 1));
  }),
  removed: everyNode((graph, node) => graph.bytes.writeUInt8(1, graph.listAt(node) + 2)),
  "labels-rotated": ({ envelope }) => {
    for (const shard of envelope.shards) shard.labels.push(shard.labels.shift());
  },
  "labels-alike": ({ envelope }) => {
    for (const shard of envelope.shards) shard.labels.fill(7);
  },
  "labels-away": ({ envelope }) => {
    for (const shard of envelope.shards) shard.labels[3] = 2 ** 31 - 1;
  },
  "labels-wrapping": ({ envelope }) => {
    for (const shard of envelope.shards) shard.labels[3] += 2 ** 32;
  },
  "labels-missing": ({ envelope }) => {
    for (const shard of envelope.shards) shard.labels.pop();
  },
  "graph-size": ({ envelope }) => {
    for (const shard of envelope.shards) shard.graph_size = 2 ** 40;
  },
  "shard-counts": ({ envelope }) => {
    const [first, second] = envelope.shards;
    first.count += 1;
    second.count -= 1;
    first.labels.push(second.labels.shift());
  },
  "graphs-missing": ({ blocks }) => {
    blocks.length = 1;
  },
};

const badItems: Record<string, (file: Frame) => void> = {
  nan: ({ blocks }) => blocks[0]!.writeFloatLE(Number.NaN, 40),
  infinity: ({ blocks }) => blocks[0]!.writeFloatLE(Number.POSITIVE_INFINITY, DIMENSION * 4 * 1_500),
  "id-twice": ({ envelope }) => {
    envelope.ids[1_000] = envelope.ids[10];
  },
  "id-empty": ({ envelope }) => {
    envelope.ids[0] = "";
  },
  "id-long": ({ envelope }) => {
    envelope.ids[0] = "x".repeat(257);
  },
  "id-surrogate": ({ envelope }) => {
    envelope.ids[0] = "\ud800";
  },
  "metadata-deep": ({ envelope }) => {
    envelope.metadata[5] = JSON.parse(nested(1_001));
  },
  "metadata-list": ({ envelope }) => {
    envelope.metadata[5] = [];
  },
  m: ({ envelope }) => {
    envelope.m = 1;
  },
  dimension: ({ envelope }) => {
    envelope.dimension = 2 ** 40;
  },
  "last-sequence": ({ envelope }) => {
    envelope.last_sequence = Number.MAX_SAFE_INTEGER;
  },
};

test("a file with checksums that are right over content that is wrong harms no index but its own", async () => {
  await using processes = await startProcesses({ fold_idle: "1ms" });
  const { url, vectors } = processes;
  await ask("POST", url, { name: "honest", dimension: DIMENSION, distance: "l2" });
  for (let from = 0; from < ITEMS; from += 500) {
    await ask("POST", `${url}/honest/add`, { items: items.slice(from, from + 500) });
  }
  const honest = await eventually("it is folded with its graphs", () => wholeFile(join(vectors, "honest.lhv1")));
  await processes.vectord.stop("SIGKILL");
  const write = async (name: string, bytes: Buffer) => writeFile(join(vectors, `${name}.lhv1`), bytes);
  for (const [name, forge] of Object.entries({ ...badGraphs, ...badItems })) {
    const file = openFrame(honest);
    file.envelope.name = name;
    forge(file);
    await write(name, sealFrame(file));
  }
  // JSON.parse takes it, JSON.stringify does not; in text, since it could not be written here either.
  const deep = openFrame(honest);
  deep.envelope.name = "metadata-very-deep";
  deep.envelope.metadata[5] = { deep: 0 };
  const json = JSON.stringify({ ...deep.envelope, blocks: deep.blocks.map(describe) });
  const deeper = Buffer.from(json.replace('{"deep":0}', nested(20_000)));
  await write("metadata-very-deep", sealText("LHV1", deeper, deep.blocks));
  // Its rows are whole.
  const cut = openFrame(honest);
  cut.envelope.name = "cut-in-graph";
  await write("cut-in-graph", sealFrame(cut).subarray(0, -1_000));
  // Else the files would be mended before anyone looks.
  processes.network.decide = ({ method, url }) =>
    method === "PUT" && url.endsWith(".lhv1") ? { kind: "refuse" } : { kind: "pass" };
  await processes.restart();

  const { status, checks } = (await ask("GET", `${processes.vectord.url}/ready`)).body;
  expect(status).toBe("degraded");
  const { damaged, rebuilt } = checks.indexes.details;
  expect(namesIn(damaged)).toEqual(new Set([...Object.keys(badItems), "metadata-very-deep"]));
  expect(namesIn(rebuilt)).toEqual(new Set([...Object.keys(badGraphs), "cut-in-graph"]));
  for (const name of ["honest", ...Object.keys(badGraphs), "cut-in-graph"]) {
    for (const row of [3, 777, 1_999]) {
      const vector = vectorOf(row);
      const wanted = await ask("POST", `${url}/${name}/search`, { vector, k: 10, exact: true });
      const found = await ask("POST", `${url}/${name}/search`, { vector, k: 10 });
      expect([name, wanted.status, found.status]).toEqual([name, 200, 200]);
      const ids = new Set(wanted.body.results.map(({ id }: { id: string }) => id));
      const met = found.body.results.filter(({ id }: { id: string }) => ids.has(id)).length;
      expect([name, met >= 9]).toEqual([name, true]);
    }
    expect((await ask("POST", `${url}/${name}/add`, { items: [{ id: "new", vector: vectorOf(-5) }] })).status).toBe(
      200,
    );
  }
  for (const name of [...Object.keys(badItems), "metadata-very-deep"]) {
    const answer = await ask("POST", `${url}/${name}/search`, { vector: vectorOf(0) });
    expect([name, answer.status, answer.body.code]).toEqual([name, 503, "index_damaged"]);
  }
});

test("a record with checksums that are right over content that is wrong damages its index, and no other", async () => {
  await using processes = await startProcesses();
  const { url, vectors } = processes;
  const none = [undefined, undefined];
  const vector = (first: number) => [first, ...new Array<number>(DIMENSION - 1).fill(1)];
  const two = (first: number) => Float32Array.from([...vector(first), ...vector(2)]);
  const bad: Record<string, (record: Frame) => void> = {
    nan: ({ blocks }) => blocks.splice(0, 1, Buffer.from(encodeAdd(["a", "b"], two(Number.NaN), none))),
    "id-twice": ({ blocks }) => blocks.splice(0, 1, Buffer.from(encodeAdd(["a", "a"], two(1), none))),
    "id-empty": ({ blocks }) => blocks.splice(0, 1, Buffer.from(encodeAdd(["", "b"], two(1), none))),
    dimension: ({ blocks }) => blocks.splice(0, 1, Buffer.from(encodeAdd(["a"], two(1), [undefined]))),
    metadata: ({ blocks }) => blocks.splice(0, 1, Buffer.from(encodeAdd(["a", "b"], two(1), ['{"x":1},"y":2', "{}"]))),
    deep: ({ blocks }) => {
      blocks.splice(0, 1, Buffer.from(encodeAdd(["a", "b"], two(1), [nested(20_000), "{}"])));
    },
    "text-ends": ({ blocks }) => void blocks[0]!.fill(0xff, 16 + 4 * 2 * DIMENSION, 24 + 4 * 2 * DIMENSION),
    count: ({ blocks }) => void blocks[0]!.writeUInt32LE(0xffffffff, 4),
    "names-itself": ({ envelope }) => {
      envelope.previous = envelope.sequence;
    },
    "names-a-later-one": ({ envelope }) => {
      envelope.previous = envelope.sequence + 1;
    },
  };
  const logOf = async (name: string) => (await readdir(join(vectors, "wal", name))).sort();
  for (const name of [...Object.keys(bad), "honest"]) {
    await ask("POST", url, { name, dimension: DIMENSION, distance: "cosine" });
    const added = [
      { id: "a", vector: vector(1) },
      { id: "b", vector: vector(2) },
    ];
    await ask("POST", `${url}/${name}/add`, { items: added });
  }
  await processes.vectord.stop("SIGKILL");
  for (const [name, forge] of Object.entries(bad)) {
    const path = join(vectors, "wal", name, (await logOf(name)).at(-1)!);
    const record = openFrame(await readFile(path));
    // Which shard's block comes first is for the hash; each forged one has the items of both.
    record.blocks = [Buffer.from(encodeAdd(["a", "b"], two(1), none))];
    forge(record);
    await writeFile(path, sealFrame(record));
  }
  await processes.restart();
  const { checks } = (await ask("GET", `${processes.vectord.url}/ready`)).body;
  expect(namesIn(checks.indexes.details.damaged)).toEqual(new Set(Object.keys(bad)));
  expect((await ask("POST", `${url}/honest/search`, { vector: vector(1), k: 1 })).body.results[0].id).toBe("a");
  for (const name of Object.keys(bad)) expect((await ask("DELETE", `${url}/${name}`)).status).toBe(204);
});
