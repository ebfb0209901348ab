import type { DuckDBConnection, DuckDBMaterializedResult } from "@duckdb/node-api";
import type { Engine } from "../engine/engine.ts";
import type { QuerySlots } from "./query-slots.ts";

/** Holds a slot, and a connection that no query had before, for one query. Disposing it gives both back. */
export interface QuerySession extends AsyncDisposable {
  connection: DuckDBConnection;
  /** One snapshot of the views from here on; and one more wall against writing. */
  begin(): Promise<void>;
  /** Begins and runs a statement with a small result in one call of the engine; the snapshot is of a moment within it. */
  beginAndRun(sql: string): Promise<DuckDBMaterializedResult>;
  /** Runs when the session ends. */
  defer(release: () => void): void;
}

const INTERRUPT_EVERY_MS = 20;

/**
 * Bounds how much of a result the engine makes ahead of us. It counts 16 bytes a row, whatever the row holds (DuckDB 1.5), so its
 * default of 1 MB would be 40 MB of rows of 700 bytes. The one setting that exists a connection only.
 */
const SET_STREAMING_BUFFER = "SET streaming_buffer_size = '128KB'";
const BEGIN = "BEGIN TRANSACTION READ ONLY";

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
    begin: async () => void (await connection.run(`${SET_STREAMING_BUFFER}; ${BEGIN}`)),
    beginAndRun: (sql) => connection.run(`${BEGIN}; ${sql}`),
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
