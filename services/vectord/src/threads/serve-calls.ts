import { parentPort } from "node:worker_threads";
import { type CallMessage, Transferred, toFailure } from "./messages.ts";

/** In a worker thread: its owner calls the methods of this object. A call starts when all before it have ended, or wait. */
export function serveCalls(object: object): void {
  const methods = object as Record<string, (...args: unknown[]) => unknown>;
  const port = parentPort!;
  port.on("message", async ({ id, call, args }: CallMessage) => {
    try {
      const result = await methods[call]!(...args);
      if (result instanceof Transferred) port.postMessage({ id, result: result.value }, result.buffers);
      else port.postMessage({ id, result });
    } catch (error) {
      port.postMessage({ id, failure: toFailure(error) });
    }
  });
}

export { Transferred } from "./messages.ts";
