import { backgroundContext, LakehouseError } from "@lakehouse/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Batch, encodeDelete } from "../formats/batch.ts";
import { DamagedError } from "../formats/damaged-error.ts";
import { SEQUENCE_MAX } from "../formats/limits.ts";
import { IndexLog } from "./index-log.ts";
import type { IndexStore, StoredIndex } from "./index-store.ts";
import { parseKey, recordKey } from "./keys.ts";
import { readChain } from "./log-chain.ts";
import { LogReader } from "./log-reader.ts";

const context = backgroundContext(60_000);
const index_id = "0b0b1a52-7a9c-4e5c-9f63-0f2b8b0f8c11";
const parameters = { dimension: 3, distance: "l2", m: 16, ef_construction: 200, ef_search: 100 } as const;

/** Records in memory, whose writes fail as the test wants: before or after they are done. */
class Records implements IndexStore {
  readonly stored = new Map<number, Buffer>();
  fate: "ok" | "not done" | "done" = "ok";

  async writeRecord(_name: string, sequence: number, pieces: readonly Uint8Array[]): Promise<void> {
    if (this.fate !== "not done") this.stored.set(sequence, Buffer.concat(pieces));
    if (this.fate !== "ok") throw new LakehouseError("upstream_timeout", "It took too long.");
  }

  async readRecord(_name: string, sequence: number): Promise<Buffer> {
    return this.stored.get(sequence)!;
  }

  async removeRecord(_name: string, sequence: number): Promise<void> {
    this.stored.delete(sequence);
  }

  async records(): Promise<StoredIndex["records"]> {
    return [...this.stored].map(([sequence, { length: bytes }]) => ({ sequence, bytes }));
  }

  async names(): Promise<string[]> {
    return ["workers"];
  }

  async find(): Promise<StoredIndex> {
    return { hasFile: false, records: await this.records() };
  }

  async removeFile(): Promise<void> {}

  async ping(): Promise<void> {}
}

class Writer {
  readonly store = new Records();
  log = new IndexLog(this.store, "workers", { previous: 0, last: 0, bytes: 0, records: 0 });
  /** What has to be there, in order. */
  acknowledged: string[] = [];
  /** Of a write that failed and was done all the same, with none after it: may be there. */
  doubtful: string[] = [];
  file = { sequence: 0, batches: [] as string[] };

  async create(): Promise<void> {
    await this.log.write({ entry: "create", index_id, parameters }, [], new Date());
  }

  async write(id: string, fate: Records["fate"]): Promise<void> {
    this.store.fate = fate;
    const written = this.log.write({ entry: "batches", index_id }, [encodeDelete([id])], new Date());
    if (fate === "ok") {
      await written;
      this.acknowledged.push(id);
    } else {
      await expect(written).rejects.toMatchObject({ code: "storage_unavailable" });
    }
    if (fate !== "not done") this.doubtful = fate === "done" ? [id] : [];
    this.store.fate = "ok";
  }

  async fold(isRemoved: boolean): Promise<void> {
    this.file = { sequence: this.log.last, batches: [...this.acknowledged] };
    this.doubtful = [];
    if (isRemoved) await this.log.removeUpTo(this.file.sequence, context);
  }

  async chain() {
    const records = await this.store.records();
    const reader = new LogReader(this.store, "workers", records, context);
    return { chain: await readChain(reader, records, this.file.sequence), reader };
  }

  async replayed(): Promise<string[]> {
    const { chain, reader } = await this.chain();
    const ids: string[] = [];
    for (const { head } of chain) {
      const { batches } = await reader.read(head.sequence);
      ids.push(...batches.map((batch) => new Batch(batch).id(0)));
    }
    return chain[0]?.entry.entry === "create" ? ids : [...this.file.batches, ...ids];
  }

  async restart(): Promise<void> {
    const records = await this.store.records();
    const { chain } = await this.chain();
    const found = await this.replayed();
    expect([this.acknowledged, [...this.acknowledged, ...this.doubtful]]).toContainEqual(found);
    this.acknowledged = found;
    this.doubtful = [];
    this.log = new IndexLog(this.store, "workers", {
      previous: chain.at(-1)?.head.sequence ?? this.file.sequence,
      last: records.at(-1)?.sequence ?? 0,
      bytes: records.reduce((sum, { bytes }) => sum + bytes, 0),
      records: records.length,
    });
  }
}

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .constantFrom("ok", "not done", "done")
      .map((fate) => ({ kind: "write" as const, fate: fate as Records["fate"] })),
  },
  fc.boolean().map((isRemoved) => ({ kind: "fold" as const, isRemoved })),
  fc.constant({ kind: "restart" as const }),
);

describe("the log of an index", () => {
  it("replays what was acknowledged, in order, whatever failed, was folded or started anew", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const writer = new Writer();
        await writer.create();
        for (const [number, one] of steps.entries()) {
          if (one.kind === "write") await writer.write(`${number}`, one.fate);
          else if (one.kind === "fold") await writer.fold(one.isRemoved);
          else await writer.restart();
        }
        await writer.restart();
        await writer.restart();
      }),
      { numRuns: 300 },
    );
  });

  it("notices a record that is missing, damaged or another's", async () => {
    const writer = new Writer();
    await writer.create();
    for (const id of ["a", "b", "c"]) await writer.write(id, "ok");
    const [, second, third] = [...writer.store.stored.keys()];
    const { stored } = writer.store;
    const bytes = stored.get(second!)!;
    for (const wrong of [Buffer.alloc(0), bytes.subarray(0, -1), stored.get(third!)!]) {
      stored.set(second!, wrong);
      await expect(writer.replayed()).rejects.toThrow(`The record ${second} of its log is damaged`);
    }
    stored.delete(second!);
    await expect(writer.replayed()).rejects.toThrow(new DamagedError(`The record ${second} of its log is missing.`));
  });

  it("begins where the index was last made or dropped", async () => {
    const writer = new Writer();
    await writer.create();
    await writer.write("old", "ok");
    await writer.log.write({ entry: "drop" }, [], new Date());
    const { chain } = await writer.chain();
    expect(chain.map(({ entry }) => entry.entry)).toEqual(["drop"]);
    await writer.create();
    await writer.write("new", "ok");
    // What went before need not be whole any more.
    writer.store.stored.delete([...writer.store.stored.keys()][1]!);
    expect(await writer.replayed()).toEqual(["new"]);
  });

  it("writes nothing past the last sequence that can be read again", async () => {
    const { store } = new Writer();
    const log = new IndexLog(store, "workers", { previous: 0, last: SEQUENCE_MAX - 1, bytes: 0, records: 0 });
    await log.write({ entry: "batches", index_id }, [encodeDelete(["last"])], new Date());
    const written = log.write({ entry: "batches", index_id }, [encodeDelete(["lost"])], new Date());
    await expect(written).rejects.toMatchObject({ code: "index_damaged" });
    expect([...store.stored.keys()]).toEqual([SEQUENCE_MAX]);
    expect(parseKey(recordKey("workers", SEQUENCE_MAX))).toEqual({ name: "workers", sequence: SEQUENCE_MAX });
    expect(parseKey(recordKey("workers", SEQUENCE_MAX + 1))).toBeUndefined();
  });

  it("takes sequences from the clock, so that no two processes ever use the same", async () => {
    const writer = new Writer();
    const before = Date.now() * 1_000;
    await writer.create();
    await writer.create();
    const [first, second] = [...writer.store.stored.keys()];
    expect(first).toBeGreaterThanOrEqual(before);
    expect(second).toBeGreaterThan(first!);
  });
});
