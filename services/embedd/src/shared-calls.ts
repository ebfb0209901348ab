import type { RequestContext } from "@lakehouse/core";
import { Slots } from "@lakehouse/server";
import { type Outcome, TextError } from "./ask-provider.ts";
import { CALL_BYTES_MAX, CALL_TEXTS_MAX, CALLS_MAX, CALLS_PER_REQUEST_MAX } from "./limits.ts";
import type { RenderedVector } from "./vector-json.ts";

/** A text under the key of its vector. */
export interface KeyedText {
  key: string;
  text: string;
}

/** Asks for texts that are not being asked for yet, and remembers what comes back. */
export type Ask = (model: string, texts: readonly KeyedText[], context: RequestContext) => Promise<Outcome[]>;

/** A share in calls that are under way. */
export interface Share {
  /** One a text, in order. Rejected with a TextError where the text itself is at fault. */
  vectors: Promise<RenderedVector>[];
  /** To be called once, whatever came of them. */
  release(): void;
}

/** One call to the provider; it is given up when nobody waits for any of its texts. */
interface Call {
  keys: readonly string[];
  sharers: number;
  gone: AbortController;
}

interface Pending {
  vector: Promise<RenderedVector>;
  call: Call;
}

/** What a call asks, and the slots of the request that started it. */
interface Work {
  model: string;
  batch: readonly KeyedText[];
  own: Slots;
}

type Settle = PromiseWithResolvers<RenderedVector>;

/** Every text is asked for once, however many wait for it, and one who leaves takes nothing from the others. */
export class SharedCalls {
  readonly #ask: Ask;
  readonly #pending = new Map<string, Pending>();
  readonly #slots = new Slots(CALLS_MAX);

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Texts that wait for a provider. */
  get size(): number {
    return this.#pending.size;
  }

  /** Joins the calls that have some of the texts under way, and starts others for the rest. */
  join(model: string, wanted: readonly KeyedText[], context: RequestContext): Share {
    const fresh = new Map(wanted.filter(({ key }) => !this.#pending.has(key)).map((one) => [one.key, one]));
    const own = new Slots(CALLS_PER_REQUEST_MAX);
    for (const batch of batchesOf(fresh.values())) this.#start({ model, batch, own }, context);
    const pending = wanted.map(({ key }) => this.#pending.get(key)!);
    const calls = new Set(pending.map(({ call }) => call));
    for (const call of calls) call.sharers += 1;
    return {
      vectors: pending.map(({ vector }) => vector),
      release: () => {
        for (const call of calls) this.#leave(call);
      },
    };
  }

  #start(work: Work, context: RequestContext): void {
    const call = { keys: work.batch.map(({ key }) => key), sharers: 0, gone: new AbortController() };
    const settles = call.keys.map((key) => this.#open(key, call));
    void this.#run(work, settles, { ...context, signal: call.gone.signal }).finally(() => this.#forget(call));
  }

  async #run({ model, batch, own }: Work, settles: readonly Settle[], context: RequestContext): Promise<void> {
    const { signal } = context;
    try {
      const ask = () => this.#ask(model, batch, context);
      const outcomes = await own.run(() => this.#slots.run(ask, signal), signal);
      for (const [place, outcome] of outcomes.entries()) settle(settles[place]!, outcome);
    } catch (error) {
      for (const { reject } of settles) reject(error);
    }
  }

  #open(key: string, call: Call): Settle {
    const settles = Promise.withResolvers<RenderedVector>();
    settles.promise.catch(() => {}); // those who still wait are told; there may be none
    this.#pending.set(key, { vector: settles.promise, call });
    return settles;
  }

  #leave(call: Call): void {
    call.sharers -= 1;
    if (call.sharers > 0) return;
    // Whoever asks from now on starts anew, rather than joining what is being given up.
    this.#forget(call);
    call.gone.abort();
  }

  #forget(call: Call): void {
    for (const key of call.keys) {
      if (this.#pending.get(key)?.call === call) this.#pending.delete(key);
    }
  }
}

function settle({ resolve, reject }: Settle, outcome: Outcome): void {
  if (outcome instanceof TextError) reject(outcome);
  else resolve(outcome);
}

/** Cuts texts into calls that no provider finds too large. */
function* batchesOf(texts: Iterable<KeyedText>): Generator<KeyedText[]> {
  let batch: KeyedText[] = [];
  let bytes = 0;
  for (const one of texts) {
    const size = Buffer.byteLength(one.text);
    if (batch.length === CALL_TEXTS_MAX || (batch.length > 0 && bytes + size > CALL_BYTES_MAX)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(one);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
