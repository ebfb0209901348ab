import { Violation } from "./api-client.ts";
import { Register } from "./register.ts";
import { counted, type Workload, type WorkloadContext } from "./workload.ts";

const ABSENT = "absent";

/** Traces that are added and changed in place. */
export class TracesWorkload implements Workload {
  readonly name = "traces";
  readonly writers = 2;
  readonly #context: WorkloadContext;
  readonly #registers: Register[] = [];
  #contents = 0;

  constructor(context: WorkloadContext) {
    this.#context = context;
  }

  async write(): Promise<void> {
    const { random, api, tally } = this.#context;
    const writable = this.#registers.filter(({ isWritable }) => isWritable);
    const register = writable.length > 0 && random.chance(0.5) ? random.pick(writable) : this.#newTrace();
    const isNew = register.current === ABSENT;
    this.#contents += 1;
    const content = { number: this.#contents, text: random.bytes(random.integer(1, 600)).toString("base64") };
    const outcome = await register.change(JSON.stringify(content), async () => {
      const answer = await api.postJson(`/v1/pathway/${isNew ? "add" : "update"}`, { uid: register.name, content });
      if (answer && answer.status !== (isNew ? 201 : 200))
        throw new Violation(`a trace was answered ${String(answer.body)}`);
      return answer && true;
    });
    counted(tally, outcome);
  }

  async read(): Promise<void> {
    if (this.#registers.length === 0) return;
    if (await this.#check(this.#context.random.pick(this.#registers))) this.#context.tally.read += 1;
  }

  async verify(): Promise<void> {
    for (const register of this.#registers) {
      if (!(await this.#check(register))) throw new Violation(`${register.name} can't be read when all is well`);
      this.#context.tally.verified += 1;
    }
  }

  #newTrace(): Register {
    const register = new Register(`trace-${this.#registers.length}`, ABSENT);
    this.#registers.push(register);
    return register;
  }

  #check(register: Register): Promise<boolean> {
    return register.check(async () => {
      const answer = await this.#context.api.get(`/v1/pathway/get/${register.name}`);
      if (answer === undefined) return undefined;
      return answer.status === 404 ? ABSENT : JSON.stringify(answer.json().trace.content);
    });
  }
}
