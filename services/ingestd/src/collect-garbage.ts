import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as (options: { type: "minor" }) => void;

/**
 * Collects what became garbage lately, in this thread; under a millisecond. An upload comes in pieces of 64 KiB whose memory V8
 * does not see, so that it lets some 60 MB of them pile up before it collects by itself, and the allocator keeps that room for good.
 */
export function collectYoungGarbage(): void {
  collect({ type: "minor" });
}
