import type { DuckDBConnection } from "@duckdb/node-api";
import type { Engine } from "./engine/engine.ts";
import type { QuerySlots } from "./query-slots.ts";

/** What one query holds: a slot, and a connection that no query had before it. Disposing it gives both back. */
export interface QuerySession extends AsyncDisposable {
  connection: DuckDBConnection;
  /** One snapshot of the views from here on; and one more wall against writing. */
  begin(): Promise<void>;
  /** Runs when the session ends. */
  defer(release: () => void): void;
}

const INTERRUPT_EVERY_MS = 20;

/**
 * Waits for a slot and connects. When the signal aborts, what the connection runs is interrupted.
 * @throws LakehouseError `query_busy`; the signal's reason
 */
export async function openSession(engine: Engine, slots: QuerySlots, signal: AbortSignal): Promise<QuerySession> {
  await using held = new AsyncDisposableStack();
  held.defer(await slots.enter(signal));
  const connection = await engine.freshConnection();
  held.defer(() => connection.closeSync());
  held.defer(interruptOnAbort(connection, signal));
  const session = held.move();
  return {
    connection,
    begin: async () => void (await connection.run("BEGIN TRANSACTION READ ONLY")),
    defer: (release) => session.defer(release),
    [Symbol.asyncDispose]: () => session.disposeAsync(),
  };
}

/** Again and again, since DuckDB forgets an interrupt that comes between two statements. */
function interruptOnAbort(connection: DuckDBConnection, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    connection.interrupt();
    timer = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
  };
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort);
  return () => {
    signal.removeEventListener("abort", onAbort);
    clearInterval(timer);
  };
}
