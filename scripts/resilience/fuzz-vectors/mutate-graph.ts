import { type GraphBytes, headerAt } from "@lakehouse/vectord/internals/forgery/graph-bytes";
import type { Random } from "../random.ts";
import { float, word } from "./interesting.ts";

type Mutation = (graph: GraphBytes, random: Random) => void;

/** Into a graph that was whole; some mutations leave it so that it can be served. */
const mutations: Record<string, Mutation> = {
  header: ({ bytes, count }, random) => bytes.writeUInt32LE(word(random, count), 4 * random.integer(0, 23)),
  capacity: ({ bytes }, random) => bytes.writeBigUInt64LE(BigInt(word(random, 2 ** 40)), headerAt.capacity),
  entryPoint: ({ bytes, count }, random) => bytes.writeUInt32LE(random.integer(0, count), headerAt.entryPoint),
  topLayer: ({ bytes }, random) => bytes.writeInt32LE(random.integer(-2, 70), headerAt.topLayer),
  anyWord: ({ bytes, count }, random) =>
    bytes.writeUInt32LE(word(random, count), 4 * random.integer(0, (bytes.length >> 2) - 1)),
  anyByte: ({ bytes }, random) => bytes.writeUInt8(random.integer(0, 255), random.integer(0, bytes.length - 1)),
  link: (graph, random) =>
    graph.bytes.writeUInt32LE(
      word(random, graph.count),
      graph.linkAt(aNode(graph, random), random.integer(0, 2 * graph.m - 1)),
    ),
  allLinks: (graph, random) =>
    everyList(graph, (at, links) => {
      for (let i = 1; i <= links; i++) graph.bytes.writeUInt32LE(0x70000000 + random.integer(0, 9), at + 4 * i);
    }),
  poorLinks: (graph, random) =>
    everyList(graph, (at, links) => {
      for (let i = 1; i <= links; i++) graph.bytes.writeUInt32LE(random.integer(0, graph.count - 1), at + 4 * i);
    }),
  noLinks: (graph) => everyList(graph, (at) => graph.bytes.writeUInt16LE(0, at)),
  linkCount: (graph, random) =>
    graph.bytes.writeUInt16LE(word(random, 2 * graph.m) & 0xffff, graph.listAt(aNode(graph, random))),
  fullLists: (graph) => {
    for (let node = 0; node < graph.count; node++) graph.bytes.writeUInt16LE(2 * graph.m, graph.listAt(node));
  },
  marks: (graph, random) => graph.bytes.writeUInt16LE(random.integer(0, 3), graph.listAt(aNode(graph, random)) + 2),
  label: (graph, random) =>
    graph.bytes.writeBigUInt64LE(BigInt(word(random, graph.count)), graph.labelAt(aNode(graph, random))),
  codeFloat: (graph, random) =>
    graph.bytes.writeFloatLE(
      float(random),
      graph.codeAt(aNode(graph, random)) + 4 * random.integer(0, (graph.codeBytes >> 2) - 1),
    ),
  codeTail: (graph, random) =>
    graph.bytes.writeUInt32LE(word(random, 127), graph.codeAt(aNode(graph, random)) + graph.codeBytes - 8),
  swappedCodes: (graph, random) =>
    swap(graph.bytes, graph.codeAt(aNode(graph, random)), graph.codeAt(aNode(graph, random)), graph.codeBytes),
  swappedLists: (graph, random) =>
    swap(graph.bytes, graph.listAt(aNode(graph, random)), graph.listAt(aNode(graph, random)), 4 * (1 + 2 * graph.m)),
  upperSize: (graph, random) =>
    graph.bytes.writeUInt32LE(word(random, 4 * (1 + graph.m)), random.pick(graph.upperSizes()).at),
  upperLink: (graph, random) =>
    inUpperList(graph, random, (at) =>
      graph.bytes.writeUInt32LE(word(random, graph.count), at + 4 * random.integer(1, graph.m)),
    ),
  upperPoorLink: (graph, random) =>
    inUpperList(graph, random, (at) => graph.bytes.writeUInt32LE(random.integer(0, graph.count - 1), at + 4)),
  upperCount: (graph, random) =>
    inUpperList(graph, random, (at) => graph.bytes.writeUInt32LE(word(random, graph.m), at)),
};

/** In place. @returns what was done */
export function mutateGraph(graph: GraphBytes, random: Random): string {
  const how = random.pick(Object.keys(mutations));
  mutations[how]!(graph, random);
  return how;
}

function aNode({ count }: GraphBytes, random: Random): number {
  return random.integer(0, count - 1);
}

/** Layer 0's and those above it. */
function everyList(graph: GraphBytes, work: (at: number, links: number) => void): void {
  for (let node = 0; node < graph.count; node++) work(graph.listAt(node), Math.min(2 * graph.m, graph.linksOf(node)));
  for (const { at } of graph.upperLists()) work(at, Math.min(graph.m, graph.bytes.readUInt16LE(at)));
}

function inUpperList(graph: GraphBytes, random: Random, work: (at: number) => void): void {
  const lists = graph.upperLists();
  if (lists.length > 0) work(random.pick(lists).at);
}

function swap(bytes: Buffer, a: number, b: number, length: number): void {
  const held = Buffer.from(bytes.subarray(a, a + length));
  bytes.copyWithin(a, b, b + length);
  held.copy(bytes, b);
}
