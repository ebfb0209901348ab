import { Violation } from "./api-client.ts";
import { Register } from "./register.ts";
import { counted, type Workload, type WorkloadContext } from "./workload.ts";

const ABSENT = "absent";
const ROWS_MAX = 300;
/** Many views make every refresh of the catalog longer. */
const DATASETS_MAX = 80;

interface Dataset {
  register: Register;
  /** What a register of another name needs, as it was acknowledged last. */
  manifest?: { schema_fingerprint: string; columns: unknown; objects: unknown; row_count: number };
}

/** Datasets that are ingested anew and appended to, copied to other names by a register, and counted by SQL. */
export class DatasetsWorkload implements Workload {
  readonly name = "datasets";
  readonly writers = 2;
  readonly #context: WorkloadContext;
  readonly #datasets: Dataset[] = [];
  #batches = 0;
  #begun = 0;

  constructor(context: WorkloadContext) {
    this.#context = context;
  }

  async write(): Promise<void> {
    const { random } = this.#context;
    if (this.#datasets.length >= DATASETS_MAX) return this.#forget();
    const dataset = this.#writable();
    const source = random.pick(this.#datasets);
    if (random.chance(0.2) && source.manifest && source !== dataset && source.register.isWritable)
      await this.#copy(source, dataset);
    else await this.#ingest(dataset);
  }

  async read(): Promise<void> {
    if (this.#datasets.length === 0) return;
    if (await this.#check(this.#context.random.pick(this.#datasets).register)) this.#context.tally.read += 1;
  }

  async verify(): Promise<void> {
    for (const { register } of this.#datasets) {
      if (!(await this.#check(register))) throw new Violation(`${register.name} can't be queried when all is well`);
      this.#context.tally.verified += 1;
    }
  }

  #writable(): Dataset {
    const { random } = this.#context;
    const writable = this.#datasets.filter(({ register }) => register.isWritable);
    if (writable.length > 0 && random.chance(0.8)) return random.pick(writable);
    this.#begun += 1;
    const dataset = { register: new Register(`torture_${this.#begun}`, ABSENT) };
    this.#datasets.push(dataset);
    return dataset;
  }

  /** One that nobody can say anything of any more is deleted; what it alone listed is garbage. */
  async #forget(): Promise<void> {
    const at = this.#datasets.findIndex(({ register }) => register.isUncertain);
    const [{ register }] = this.#datasets.splice(Math.max(at, 0), 1) as [Dataset];
    // A reading that is under way may see it gone.
    const outcome = await register.change(ABSENT, async () => {
      const answer = await this.#context.api.send("DELETE", `/v1/catalog/manifest/${register.name}`);
      if (answer && answer.status !== 204 && answer.status !== 404)
        throw new Violation(`a DELETE was answered ${answer.status}`);
      return answer && true;
    });
    counted(this.#context.tally, outcome);
  }

  async #ingest(dataset: Dataset): Promise<void> {
    const { random, api, tally } = this.#context;
    const { register } = dataset;
    this.#batches += 1;
    const batch = this.#batches;
    const rows = random.integer(1, ROWS_MAX);
    const mode = random.chance(0.5) ? "append" : "replace";
    const added = countsOf(batch, rows);
    const isAdded = mode === "append" && register.current !== ABSENT;
    const outcome = await register.change(isAdded ? `${register.current} ${added}` : added, async () => {
      const path = `/v1/ingest?name=${register.name}&mode=${mode}`;
      const answer = await api.send("POST", path, csvOf(batch, rows), "text/csv");
      if (answer === undefined) return undefined;
      if (answer.status !== 200) throw new Violation(`an ingest was answered ${answer.status}: ${String(answer.body)}`);
      dataset.manifest = answer.json().manifest;
      return true;
    });
    counted(tally, outcome);
  }

  /** Another name for the same objects, which stay as long as one of the two lists them. */
  async #copy(source: Dataset, target: Dataset): Promise<void> {
    const { api, tally } = this.#context;
    const { schema_fingerprint, columns, objects, row_count } = source.manifest!;
    const outcome = await target.register.change(source.register.current, async () => {
      const body = { name: target.register.name, schema_fingerprint, columns, objects, row_count };
      const answer = await api.postJson("/v1/catalog/register", body);
      if (answer === undefined) return undefined;
      if (answer.status === 200) target.manifest = answer.json().manifest;
      // Its source was replaced meanwhile, and what it had is garbage.
      else if (answer.json().code !== "object_missing")
        throw new Violation(`a register was answered ${String(answer.body)}`);
      return answer.status === 200;
    });
    counted(tally, outcome);
  }

  #check(register: Register): Promise<boolean> {
    const sql = `SELECT batch, count(*), count(DISTINCT row), sum(row), count(DISTINCT text) FROM "${register.name}" GROUP BY batch ORDER BY batch`;
    return register.check(async () => {
      const answer = await this.#context.api.postJson("/v1/sql", { sql });
      if (answer === undefined) return undefined;
      if (answer.status === 200) return (answer.json().rows as number[][]).map((row) => row.join(":")).join(" ");
      if (answer.json().details?.kind === "catalog") return ABSENT;
      throw new Violation(`a query was answered ${answer.status}: ${String(answer.body)}`);
    });
  }
}

function csvOf(batch: number, rows: number): string {
  const lines = Array.from({ length: rows }, (_, row) => `${batch},${row},"text ${row}, of ""${batch}""\nand more"`);
  return `batch,row,text\n${lines.join("\n")}\n`;
}

/** As the query above shows them. */
function countsOf(batch: number, rows: number): string {
  return [batch, rows, rows, (rows * (rows - 1)) / 2, rows].join(":");
}
