import { Violation } from "./api-client.ts";

/**
 * All that one thing (an object, a dataset, a trace) may be: the states that were asked for, in order, and which of them was
 * acknowledged last. One writer at a time. After an outcome that nobody knows, nothing more is written to it: the state before
 * and the one that was asked for are both right from then on, and any other is not.
 */
export class Register {
  readonly name: string;
  /** The first is what it was before anything was written. */
  readonly #states: string[];
  #acknowledged = 0;
  /** What it is closed for: a write that is under way, or one of which nobody knows what became. */
  #closedBy: "write" | "doubt" | undefined;

  constructor(name: string, initial: string) {
    this.name = name;
    this.#states = [initial];
  }

  /** As it was acknowledged last. */
  get current(): string {
    return this.#states[this.#acknowledged]!;
  }

  get isWritable(): boolean {
    return this.#closedBy === undefined;
  }

  /** Nobody knows what became of the last write. */
  get isUncertain(): boolean {
    return this.#closedBy === "doubt";
  }

  /** @param write resolves to whether it was acknowledged; undefined where nobody knows */
  async change(state: string, write: () => Promise<boolean | undefined>): Promise<boolean | undefined> {
    this.#closedBy = "write";
    this.#states.push(state);
    const isDone = await write();
    this.#closedBy = isDone === undefined ? "doubt" : undefined;
    if (isDone === true) this.#acknowledged = this.#states.length - 1;
    if (isDone === false) this.#states.pop();
    return isDone;
  }

  /**
   * Reads it while it may be written to.
   * @param look resolves to the state that is seen; undefined where no answer came
   * @returns whether an answer was checked
   * @throws Violation where what is seen was never asked for, or was overwritten before the reading began
   */
  async check(look: () => Promise<string | undefined>): Promise<boolean> {
    const oldest = this.#acknowledged;
    const before = this.#states.slice(oldest);
    const seen = await look();
    if (seen === undefined) return false;
    const possible = [...before, ...this.#states.slice(oldest)];
    if (possible.includes(seen)) return true;
    throw new Violation(`${this.name} is ${seen}; it may be ${[...new Set(possible)].join(" or ")}`);
  }
}
