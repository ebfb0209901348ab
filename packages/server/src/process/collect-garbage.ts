import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as (options: { type: "minor" }) => void;

/** Collects what became garbage lately, in this thread; under a millisecond. See `collectBuffersEarly` for why. */
export function collectYoungGarbage(): void {
  collect({ type: "minor" });
}

const CHECK_EVERY_MS = 10;
const GROWTH_BYTES_MAX = 4 * 2 ** 20;

/**
 * Keeps the memory of a process through which large bodies stream. Node brings a body in pieces of 64 KiB whose memory V8 does not
 * see, so that it lets some 60 MB of them pile up before it collects by itself, and the allocator keeps that room for good;
 * or, where bodies are many and small, collects everything each time. A collection of the young generation takes about a millisecond.
 */
export function collectBuffersEarly(): void {
  // Little survives them: waking threads to share so little work costs a tenth more processor than it saves.
  setFlagsFromString("--no-parallel-scavenge");
  let kept = 0;
  const check = () => {
    const { external_memory: held } = getHeapStatistics();
    if (held > kept + GROWTH_BYTES_MAX) {
      collectYoungGarbage();
      kept = getHeapStatistics().external_memory;
    } else kept = Math.min(kept, held);
  };
  setInterval(check, CHECK_EVERY_MS).unref();
}

/** Part of its living objects by which a heap may grow before the dead ones among the old are collected. */
const HEAP_GROWTH_PERCENT = 25;

/**
 * Keeps the heap of a process near what it holds where many requests live for seconds. What outlives two collections of the young is
 * taken for old, and of the old V8 lets several times as much pile up as is alive. Not for a process through which large bodies stream:
 * their pieces count as growth, and collecting for each few megabytes of them costs a third of its time.
 */
export function collectHeapEarly(): void {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`);
}
