import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@lakehouse/testing";
import { expect, it } from "vitest";
import { GraphBytes, headerAt } from "../../test/forgery/graph-bytes.ts";
import { copyBytes } from "../formats/batch.ts";
import { hnswEngine } from "./hnsw-index.ts";
import { VectorStore } from "./vector-store.ts";

const COUNT = 40;
const parameters = { dimension: 1, distance: "l2", m: 2, ef_construction: 10, ef_search: 10 } as const;
const sample = () => Float32Array.of(0);

/** A graph of the vectors 0, 1, 2… */
async function savedGraph(): Promise<GraphBytes> {
  await using folder = await temporaryFolder();
  const index = hnswEngine.create(parameters, sample);
  for (let label = 0; label < COUNT; label++) index.add(label, Float32Array.of(label));
  const path = join(folder.path, "graph");
  await index.save(path);
  return new GraphBytes(await readFile(path));
}

function load(graph: GraphBytes, removed?: number) {
  const vectors = new VectorStore(1, "l2");
  for (let slot = 0; slot < COUNT; slot++) vectors.set(slot, Float32Array.of(slot));
  const slots = Int32Array.from({ length: COUNT }, (_, label) => (label === removed ? -1 : label));
  return hnswEngine.load([copyBytes(graph.bytes)], parameters, COUNT, sample, { vectors, slots });
}

it("a vector that is added where only removed ones can be reached is linked to one of them", async () => {
  const graph = await savedGraph();
  const entry = graph.bytes.readUInt32LE(headerAt.entryPoint);
  const uppers = graph.upperLists();
  const highest = uppers.filter(({ node }) => node !== entry).sort((a, b) => b.layer - a.layer)[0]!;
  const removed = highest.node;
  // No link is left but one: from the entry point, on a layer that few come to, to a node that is removed.
  for (const { at } of uppers) graph.bytes.writeUInt16LE(0, at);
  for (let node = 0; node < COUNT; node++) graph.bytes.writeUInt16LE(0, graph.listAt(node));
  const { at } = uppers.find(({ node, layer }) => node === entry && layer === highest.layer)!;
  graph.bytes.writeUInt16LE(1, at);
  graph.bytes.writeUInt32LE(removed, at + 4);
  graph.bytes.writeUInt8(1, graph.listAt(removed) + 2);

  const index = await load(graph, removed);
  for (let label = COUNT; label < COUNT + 20; label++) {
    const vector = Float32Array.of(removed + (label - COUNT) / 100);
    index.add(label, vector);
    expect(index.search(vector, 1, 10).labels).toEqual(Uint32Array.of(label));
  }
  index.close();
});

it.each<[string, RegExp, (graph: GraphBytes) => void]>([
  ["to itself", /link to itself/, (graph) => graph.bytes.writeUInt32LE(5, graph.linkAt(5, 0))],
  ["past the last node", /to no node/, (graph) => graph.bytes.writeUInt32LE(COUNT, graph.linkAt(5, 0))],
  ["more than it may have", /more links/, (graph) => graph.bytes.writeUInt16LE(5, graph.listAt(5))],
  ["of another vector", /vector of its row/, (graph) => graph.bytes.writeFloatLE(5.0001, graph.codeAt(5))],
])("a graph whose node has links %s, or the like, is refused, and says which", async (_how, fault, forge) => {
  const graph = await savedGraph();
  forge(graph);
  await expect(load(graph)).rejects.toThrow(fault);
  await expect(load(graph)).rejects.toThrow(/Node 5 /);
});

it("a graph that claims room for more than it could ever have taken is given no more", async () => {
  const graph = await savedGraph();
  graph.bytes.writeBigUInt64LE(2n ** 62n, headerAt.capacity);
  const index = await load(graph);
  expect(index.search(Float32Array.of(7), 1, 10).labels).toEqual(Uint32Array.of(7));
  index.close();
});
