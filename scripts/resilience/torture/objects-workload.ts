import { openRawConnection } from "@lakehouse/testing";
import { digestOf, Violation } from "./api-client.ts";
import { Register } from "./register.ts";
import { counted, type Workload, type WorkloadContext } from "./workload.ts";

const ABSENT = "absent";
const SMALL_BYTES_MAX = 64 * 2 ** 10;
const LARGE_BYTES_MAX = 4 * 2 ** 20;

/** Objects that are put, overwritten, deleted, and now and then left in the middle of an upload. */
export class ObjectsWorkload implements Workload {
  readonly name = "objects";
  readonly writers = 2;
  readonly #context: WorkloadContext;
  readonly #registers: Register[] = [];

  constructor(context: WorkloadContext) {
    this.#context = context;
  }

  async write(): Promise<void> {
    const { random } = this.#context;
    const register = this.#writable();
    const draw = random.fraction();
    if (draw < 0.1) await this.#vanish(register);
    else if (draw < 0.2) await this.#delete(register);
    else await this.#put(register);
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

  #writable(): Register {
    const { random } = this.#context;
    const writable = this.#registers.filter(({ isWritable }) => isWritable);
    if (writable.length > 0 && random.chance(0.6)) return random.pick(writable);
    const register = new Register(`torture/${this.#registers.length % 7}/o-${this.#registers.length}`, ABSENT);
    this.#registers.push(register);
    return register;
  }

  async #put(register: Register): Promise<void> {
    const content = this.#content();
    const outcome = await register.change(digestOf(content), async () => {
      const answer = await this.#context.api.send("PUT", `/v1/storage/put/${register.name}`, content);
      if (answer && answer.status !== 200)
        throw new Violation(`a PUT was answered ${answer.status}: ${String(answer.body)}`);
      return answer && true;
    });
    counted(this.#context.tally, outcome);
  }

  async #delete(register: Register): Promise<void> {
    const outcome = await register.change(ABSENT, async () => {
      const answer = await this.#context.api.send("DELETE", `/v1/storage/delete/${register.name}`);
      if (answer && answer.status !== 204) throw new Violation(`a DELETE was answered ${answer.status}`);
      return answer && true;
    });
    counted(this.#context.tally, outcome);
  }

  /** Half an upload changes nothing, ever. */
  async #vanish(register: Register): Promise<void> {
    const half = this.#content();
    await register.change(register.current, async () => {
      try {
        await using connection = await openRawConnection(this.#context.url);
        connection.send(
          `PUT /v1/storage/put/${register.name} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${2 * half.length + 1}\r\n\r\n`,
        );
        connection.send(half);
      } catch {
        // The gateway is down: it heard nothing of this upload.
      }
      return true;
    });
    counted(this.#context.tally, false);
  }

  #content(): Buffer<ArrayBuffer> {
    const { random } = this.#context;
    return random.bytes(random.integer(0, random.chance(0.05) ? LARGE_BYTES_MAX : SMALL_BYTES_MAX));
  }

  #check(register: Register): Promise<boolean> {
    return register.check(async () => {
      const answer = await this.#context.api.get(`/v1/storage/get/${register.name}`);
      if (answer === undefined) return undefined;
      return answer.status === 404 ? ABSENT : digestOf(answer.body);
    });
  }
}
