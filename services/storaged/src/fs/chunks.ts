/** Measured: chunks of 64 KiB, the default of streams, take twice as long for an object of 256 MiB. */
export const CHUNK_BYTES = 2 ** 20;

/** Of chunks that nobody uses; more go to the garbage collector. */
const IDLE_CHUNKS_MAX = 8;

const idle: Buffer[] = [];

/** A chunk for as long as the caller likes. One that was used before has its pages in memory, and no collector looks for it. */
export function takeChunk(): Buffer {
  return idle.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
}

/** Only what neither a read nor a socket can still touch; else the next one's bytes would change under it. */
export function giveBack(chunk: Buffer): void {
  if (idle.length < IDLE_CHUNKS_MAX) idle.push(chunk);
}
