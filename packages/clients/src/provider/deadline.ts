/** Aborts when its time is over, and when the outer signal does. To be disposed of when nothing waits for it any more. */
export class Deadline implements Disposable {
  readonly ms: number;
  readonly #abort = new AbortController();
  readonly #outer: AbortSignal;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, outer: AbortSignal) {
    this.ms = ms;
    this.#outer = outer;
    if (outer.aborted) this.#leave();
    else outer.addEventListener("abort", this.#leave, { once: true });
    this.restart();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether the time was over before the outer signal aborted. */
  get isOver(): boolean {
    return this.signal.reason === timeIsOver;
  }

  /** The whole time from now on. */
  restart(): void {
    this.pause();
    this.#timer = setTimeout(this.#expire, this.ms);
  }

  /** Time that is not the upstream's to answer for, such as a slow client's. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  [Symbol.dispose](): void {
    this.pause();
    this.#outer.removeEventListener("abort", this.#leave);
  }

  // Whichever comes first gives the reason; a second abort changes nothing.
  readonly #expire = () => this.#abort.abort(timeIsOver);
  readonly #leave = () => this.#abort.abort(this.#outer.reason);
}

const timeIsOver = new DOMException("The time is over.", "TimeoutError");
