import { startServices, succeed } from "@lakehouse/testing";

export interface Peers extends AsyncDisposable {
  embedd: string;
  /** `http://127.0.0.1:…/vectors/index` */
  indexes: string;
  /** For the configuration of matrixd. */
  urls: { embedd_url: string; vectord_url: string };
  /** Makes an index anew with these items. */
  fill(name: string, items: Item[], options?: { distance?: string }): Promise<void>;
  /** Makes an index anew with these texts, embedded. */
  fillTexts(name: string, texts: Record<string, string>): Promise<void>;
  embed(texts: string[]): Promise<number[][]>;
}

interface Item {
  id: string;
  vector: number[];
  metadata?: Record<string, unknown>;
}

const BATCH = 256;

/** embedd with its own embedder, and a vectord that remembers until it ends: real processes. */
export async function startPeers(): Promise<Peers> {
  const config = { vectord: { storaged_url: "", shards: 1 } };
  const { embedd, vectord, ...services } = await startServices(["embedd", "vectord"], { config });
  const indexes = `${vectord.url}/vectors/index`;
  const peers: Peers = {
    embedd: embedd.url,
    indexes,
    urls: { embedd_url: embedd.url, vectord_url: vectord.url },
    async fill(name, items, { distance = "cosine" } = {}) {
      await fetch(`${indexes}/${name}`, { method: "DELETE" });
      await succeed("POST", indexes, { name, dimension: items[0]!.vector.length, distance });
      await succeed("POST", `${indexes}/${name}/add`, { items });
    },
    async fillTexts(name, texts) {
      const vectors = await peers.embed(Object.values(texts));
      const items = Object.entries(texts).map(([id, text], i) => ({ id, vector: vectors[i]!, metadata: { text } }));
      await peers.fill(name, items);
    },
    async embed(texts) {
      const vectors: number[][] = [];
      for (let from = 0; from < texts.length; from += BATCH) {
        const batch = texts.slice(from, from + BATCH);
        vectors.push(...(await succeed("POST", `${embedd.url}/embed`, { texts: batch })).vectors);
      }
      return vectors;
    },
    [Symbol.asyncDispose]: services[Symbol.asyncDispose],
  };
  return peers;
}
