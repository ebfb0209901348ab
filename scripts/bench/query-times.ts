import { httpRequest, loadWith } from "./load.ts";
import { byWorkers } from "./measure/in-turn.ts";
import type { InProcess } from "./query-in-process.ts";

/** Milliseconds of each statement, sent by so many clients at once. */
export async function askThrough(
  { url }: { url: string },
  load: { clients: number; count: number },
  sqlOf: (i: number) => string,
): Promise<number[]> {
  const json = "content-type: application/json\r\n";
  const { times } = await loadWith(url, load, (i) =>
    httpRequest("POST", "/v1/sql", JSON.stringify({ sql: sqlOf(i) }), json),
  );
  return times;
}

/** The same in-process, a client a connection. */
export async function timesInProcess(
  connections: readonly Pick<InProcess, "rows">[],
  count: number,
  sqlOf: (i: number) => string,
): Promise<number[]> {
  const free = [...connections];
  return byWorkers(
    Array.from({ length: count }, (_, i) => sqlOf(i)),
    connections.length,
    async (sql) => {
      const connection = free.pop()!;
      await connection.rows(sql);
      free.push(connection);
    },
  );
}
