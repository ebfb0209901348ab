import type { AnnEngine, EngineName } from "./ann-index.ts";

export const engineNames: readonly EngineName[] = ["native", "hnswlib-node"];

/** Loads the code of this engine alone: the other one's need not even be compiled. */
export async function loadEngine(name: EngineName): Promise<AnnEngine> {
  if (name === "hnswlib-node") return (await import("./hnswlib-node-index.ts")).hnswlibNodeEngine;
  return (await import("./hnsw-index.ts")).hnswEngine;
}
