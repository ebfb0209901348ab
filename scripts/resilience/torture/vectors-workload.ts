import { Random } from "../random.ts";
import { Violation } from "./api-client.ts";
import { Register } from "./register.ts";
import { counted, type Workload, type WorkloadContext } from "./workload.ts";

/** In turn: a graph that holds vectors as they are, and one of bytes. */
const kinds = [
  { dimension: 8, distance: "l2", ownDistanceMax: 0 },
  { dimension: 160, distance: "cosine", ownDistanceMax: 1e-6 },
] as const;
const BATCH_MAX = 40;
const INDEXES_MAX = 6;
const PRESENT = "present";
const ABSENT = "absent";

/** Items that are added and deleted together: all of them are there, or none is. */
interface Batch {
  index: string;
  ids: string[];
  register: Register;
}

/** Batches of vectors, added and deleted, found by exact search and read one by one. */
export class VectorsWorkload implements Workload {
  readonly name = "vectors";
  readonly writers = 2;
  readonly #context: WorkloadContext;
  readonly #indexes: Register[] = [];
  readonly #batches: Batch[] = [];

  constructor(context: WorkloadContext) {
    this.#context = context;
  }

  async write(): Promise<void> {
    const { random } = this.#context;
    const indexes = this.#indexes.filter(({ current }) => current === PRESENT);
    if (indexes.length === 0 || (this.#indexes.length < INDEXES_MAX && random.chance(0.05))) return this.#create();
    const deletable = this.#batches.filter(({ register }) => register.isWritable && register.current === PRESENT);
    if (deletable.length > 0 && random.chance(0.2)) return this.#delete(random.pick(deletable));
    await this.#add(random.pick(indexes).name);
  }

  async read(): Promise<void> {
    if (this.#batches.length === 0) return;
    const { random, tally } = this.#context;
    const batch = random.pick(this.#batches);
    const id = random.pick(batch.ids);
    if (await batch.register.check(() => (random.chance(0.5) ? this.#lookUp(batch, id) : this.#search(batch, id))))
      tally.read += 1;
  }

  async verify(): Promise<void> {
    const counts = new Map<string, number>();
    for (const batch of this.#batches) {
      const states = new Set<string | undefined>();
      for (const id of batch.ids)
        await batch.register.check(async () => this.#noted(states, await this.#lookUp(batch, id)));
      if (states.size !== 1) throw new Violation(`of ${batch.register.name} a part is there`);
      const [state] = states;
      counts.set(batch.index, (counts.get(batch.index) ?? 0) + (state === PRESENT ? batch.ids.length : 0));
      this.#context.tally.verified += batch.ids.length;
    }
    for (const [index, count] of counts) await this.#verifyCount(index, count);
  }

  #noted(states: Set<string | undefined>, state: string | undefined): string | undefined {
    states.add(state);
    return state;
  }

  async #verifyCount(index: string, count: number): Promise<void> {
    const info = (await this.#context.api.get(`/v1/vectors/index/${index}`))?.json();
    if (info?.count !== count) throw new Violation(`${index} says it has ${info?.count} items; it has ${count}`);
  }

  async #create(): Promise<void> {
    const name = `torture-${this.#indexes.length}`;
    const register = new Register(name, ABSENT);
    this.#indexes.push(register);
    const outcome = await register.change(PRESENT, async () => {
      const { dimension, distance } = kindOf(name);
      const body = { name, dimension, distance };
      const answer = await this.#context.api.postJson("/v1/vectors/index", body);
      if (answer && answer.status !== 201) throw new Violation(`an index was answered ${String(answer.body)}`);
      return answer && true;
    });
    counted(this.#context.tally, outcome);
  }

  async #add(index: string): Promise<void> {
    const number = this.#batches.length;
    const ids = Array.from({ length: this.#context.random.integer(1, BATCH_MAX) }, (_, at) => `b${number}-${at}`);
    const batch = { index, ids, register: new Register(`batch ${number} of ${index}`, ABSENT) };
    this.#batches.push(batch);
    const outcome = await batch.register.change(PRESENT, async () => {
      const items = ids.map((id) => ({ id, vector: vectorOf(index, id), metadata: { id, number } }));
      return this.#done(await this.#context.api.postJson(`/v1/vectors/index/${index}/add`, { items }));
    });
    counted(this.#context.tally, outcome);
  }

  async #delete({ index, ids, register }: Batch): Promise<void> {
    const outcome = await register.change(ABSENT, async () =>
      this.#done(await this.#context.api.postJson(`/v1/vectors/index/${index}/delete`, { ids })),
    );
    counted(this.#context.tally, outcome);
  }

  #done(answer: { status: number; body: Buffer } | undefined): true | undefined {
    if (answer && answer.status !== 200) throw new Violation(`a batch was answered ${String(answer.body)}`);
    return answer && true;
  }

  async #lookUp({ index }: Batch, id: string): Promise<string | undefined> {
    const answer = await this.#context.api.get(`/v1/vectors/index/${index}/items/${id}`);
    if (answer === undefined) return undefined;
    if (answer.status === 404 && answer.json().code === "item_not_found") return ABSENT;
    return isExact(index, id, answer.json()) ? PRESENT : `${answer.status} ${String(answer.body)}`;
  }

  async #search({ index }: Batch, id: string): Promise<string | undefined> {
    const body = { vector: vectorOf(index, id), k: 1, exact: true, include_vectors: true };
    const answer = await this.#context.api.postJson(`/v1/vectors/index/${index}/search`, body);
    if (answer === undefined) return undefined;
    const [nearest] = answer.json().results ?? [];
    if (nearest?.id !== id) return ABSENT;
    const isAtItself = nearest.distance <= kindOf(index).ownDistanceMax;
    return isAtItself && isExact(index, id, nearest) ? PRESENT : String(answer.body);
  }
}

function isExact(index: string, id: string, item: { vector?: number[]; metadata?: { id: string } }): boolean {
  return JSON.stringify(item.vector) === JSON.stringify(vectorOf(index, id)) && item.metadata?.id === id;
}

function kindOf(index: string) {
  return kinds[Number(index.split("-")[1]) % kinds.length]!;
}

/** Numbers that float32 holds as they are, an id's own. */
function vectorOf(index: string, id: string): number[] {
  const [, batch, at] = /^b(\d+)-(\d+)$/.exec(id)!;
  const random = new Random(Number(batch) * 1_000 + Number(at));
  return Array.from({ length: kindOf(index).dimension }, () => random.integer(-(2 ** 20), 2 ** 20));
}
