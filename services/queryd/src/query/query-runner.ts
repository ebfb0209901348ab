import { Readable } from "node:stream";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { QueryRequest, ResultFormat } from "@lakehouse/contracts";
import { isLakehouseError, LakehouseError, type RequestContext } from "@lakehouse/core";
import type { Logger } from "@lakehouse/server";
import { limitCatalogLists } from "../engine/catalog-lists.ts";
import { describeColumns } from "../engine/describe-columns.ts";
import type { Engine } from "../engine/engine.ts";
import { explainEngineError, isOfAnObject } from "../engine/engine-error.ts";
import type { Parameters } from "../engine/parameters.ts";
import { type VettedStatement, vetStatement } from "../guard/statement-guard.ts";
import { statementParser } from "../guard/statement-parser.ts";
import type { NameLookup } from "../guard/tree-gate.ts";
import { explainSelect } from "../plans/explain.ts";
import { coalesce, PIECE_BYTES_MIN } from "../rendering/coalesce.ts";
import { renderResult, textFormats } from "../rendering/render-result.ts";
import type { ResultSource } from "../rendering/result-source.ts";
import { renderedSql } from "../rendering/text-result.ts";
import { QueryClock } from "../session/query-clock.ts";
import { openSession, type QuerySession } from "../session/query-session.ts";
import type { QuerySlots } from "../session/query-slots.ts";
import type { CatalogWatch } from "../views/catalog-watch.ts";
import type { DatasetViews } from "../views/dataset-views.ts";
import { type Visibility, visibilityOf } from "../views/visibility.ts";
import { type Answer, drop, endUnheard, type Pieces, unlessAborted, withFirst } from "./answer.ts";
import { findUnreadable } from "./find-unreadable.ts";
import { type KnownStatement, StatementCache } from "./statement-cache.ts";

interface Dependencies {
  engine: Engine;
  views: DatasetViews;
  watch: CatalogWatch;
  slots: QuerySlots;
  logger: Logger;
  /** Longest a query may run; a request may ask for less. */
  timeoutMs: number;
  /** Where results are made that can't be streamed; inside what the engine may touch. */
  exportFolder: string;
  /** Where objects are: an error or a plan that shows one is kept back. */
  objectFolders: readonly string[];
}

interface Query {
  request: QueryRequest;
  format: ResultFormat;
  context: RequestContext;
  visibility: Visibility;
  clock: QueryClock;
  /** By `performance.now()`. */
  startedAt: number;
  /** The datasets that it was seen to read. */
  reads: Set<string>;
}

/** From a request to the bytes of its answer. */
export class QueryRunner {
  readonly #dependencies: Dependencies;
  readonly #statements = new StatementCache();

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Runs a query until its first bytes are there, so that what fails before them is an error and no answer.
   * @returns the whole answer where it is small, else a stream, which breaks where the query fails later
   * @throws LakehouseError: those of the guard, the engine, the slots, object access, the catalog and the clock
   */
  async run(request: QueryRequest, format: ResultFormat, context: RequestContext): Promise<Buffer | Readable> {
    const limitMs = this.#dependencies.timeoutMs;
    const clock = new QueryClock(Math.min(request.timeout_ms ?? limitMs, limitMs));
    const signal = AbortSignal.any([context.signal, clock.signal]);
    const startedAt = performance.now();
    const visibility = visibilityOf(context.caller);
    const reads = new Set<string>();
    const query = { request, format, context: { ...context, signal }, visibility, clock, startedAt, reads };
    try {
      const { first, rest } = await this.#beginFresh(query);
      if (first.length >= PIECE_BYTES_MIN) return this.#stream(query, first, rest);
      await rest.return();
      clock.stop();
      this.#statements.noteSmall(request.sql, request.params ?? []);
      return first;
    } catch (error) {
      const explained = await this.#explain(error, query);
      clock.stop();
      throw explained;
    }
  }

  #stream({ context: { signal, requestId }, clock }: Query, first: Buffer, rest: Pieces): Readable {
    const body = Readable.from(withFirst(first, rest), { objectMode: false });
    const onAbort = () => body.destroy(signal.reason as Error);
    signal.addEventListener("abort", onAbort);
    body.once("close", () => {
      signal.removeEventListener("abort", onAbort);
      clock.stop();
      endUnheard(rest); // a stream that nobody has begun to read would not end it
    });
    body.on("error", (error) => {
      const about = { err: error, request_id: requestId };
      this.#dependencies.logger.warn(about, "a result broke off behind its first bytes");
    });
    return body;
  }

  /**
   * Begins while catalogd is still being asked what has changed: nearly always nothing has. Where something has, what was
   * begun is dropped, unseen, and the query begins again.
   */
  async #beginFresh(query: Query): Promise<Answer> {
    const { views, watch } = this.#dependencies;
    const { signal } = query.context;
    const { epoch } = views;
    const stale = new AbortController();
    const fresh = watch.refresh();
    const early = this.#begin({
      ...query,
      context: { ...query.context, signal: AbortSignal.any([signal, stale.signal]) },
    });
    early.catch(() => {}); // heard below, once it is known whether it counts
    try {
      await unlessAborted(fresh, signal);
      if (views.epoch === epoch) return await early;
    } catch (error) {
      stale.abort();
      drop(early);
      throw error;
    }
    stale.abort();
    drop(early);
    return this.#begin(query);
  }

  /** To the first piece. */
  async #begin(query: Query): Promise<Answer> {
    const pieces = this.#pieces(query);
    try {
      const { value: first = Buffer.alloc(0) } = await unlessAborted(pieces.next(), query.context.signal);
      return { first, rest: pieces };
    } catch (error) {
      endUnheard(pieces);
      throw error;
    }
  }

  /** The answer in pieces, of which only the last is small. While the client takes one, the clock stands still. */
  async *#pieces(query: Query): Pieces {
    const { format, context, clock } = query;
    const { engine, slots, exportFolder } = this.#dependencies;
    await using session = await openSession(engine, slots, context.signal);
    const source = (await this.#runKnown(query, session)) ?? (await this.#prepare(query, session));
    context.signal.throwIfAborted();
    for await (const piece of coalesce(renderResult(source, format, exportFolder))) {
      clock.pause();
      yield piece;
      clock.resume();
    }
  }

  /**
   * A statement that gave a small answer before is begun and run in one call of the engine. It is not prepared: DuckDB would
   * bind it once for that and once more to run it.
   * @returns undefined for every other statement, and where views changed meanwhile
   */
  async #runKnown({ request, format, context, visibility, startedAt, reads }: Query, session: QuerySession) {
    const { views } = this.#dependencies;
    const { sql, params: parameters = [] } = request;
    const { epoch } = views;
    const known = this.#knownFor(visibility, sql, parameters);
    const text = textFormats[format];
    if (!known?.isSmall || !text || listsAreLimited(known.vetted, visibility)) return undefined;
    const { connection } = session;
    const source = { connection, startedAt, sql: known.vetted.sql, parameters, columns: known.columns };
    for (const name of known.vetted.datasets) reads.add(name);
    const lease = await views.lease(known.vetted.datasets, context);
    if (lease === undefined) return undefined;
    session.defer(() => lease.release());
    try {
      const made = await session.beginAndRun(renderedSql(source, text));
      if (views.epoch === epoch) return { ...source, made };
    } catch (error) {
      if (views.epoch === epoch) throw error;
    }
    await connection.run("ROLLBACK");
    return undefined;
  }

  /** Lets the statement through the walls, and readies all that it reads. */
  async #prepare(query: Query, session: QuerySession): Promise<ResultSource> {
    const { objectFolders } = this.#dependencies;
    const { request, visibility, startedAt } = query;
    const { sql, params: parameters = [] } = request;
    const { connection } = session;
    const { known, vetted, epoch } = await this.#hold(query, session);
    for (const name of vetted.datasets) query.reads.add(name);
    if (listsAreLimited(vetted, visibility)) await this.#limitLists(connection, visibility);
    if (vetted.explain) {
      const plan = { sql: vetted.sql, explain: vetted.explain, parameters };
      const statement = await explainSelect(connection, plan, objectFolders);
      const columns = await describeColumns(connection, statement);
      return { connection, startedAt, ...statement, columns };
    }
    const statement = { sql: vetted.sql, parameters };
    const columns = known?.columns ?? (await describeColumns(connection, statement));
    if (!known) this.#statements.set(sql, parameters, epoch, { vetted, columns });
    return { connection, startedAt, ...statement, columns };
  }

  /** Vets and holds until both are of the same catalog: a dataset may be replaced while its objects are fetched. */
  async #hold({ request, context, visibility }: Query, session: QuerySession) {
    const { views } = this.#dependencies;
    const { sql, params: parameters = [] } = request;
    const names = this.#namesFor(visibility);
    for (;;) {
      context.signal.throwIfAborted();
      const { epoch } = views;
      const known = this.#knownFor(visibility, sql, parameters);
      const vetted = known?.vetted ?? (await vetStatement(sql, statementParser(session.connection), names));
      const lease = await views.hold(vetted.datasets, context, () => session.begin());
      if (lease === undefined) continue;
      session.defer(() => lease.release());
      return { known, vetted, epoch };
    }
  }

  async #limitLists(connection: DuckDBConnection, visibility: Visibility): Promise<void> {
    const visible = this.#dependencies.views.list(visibility);
    await limitCatalogLists(
      connection,
      visible.map(({ name }) => name),
    );
  }

  /** What is known of a statement by whoever sent it before; nothing where it reads a dataset that does not exist for this caller. */
  #knownFor({ sees }: Visibility, sql: string, parameters: Parameters): KnownStatement | undefined {
    const known = this.#statements.get(sql, parameters, this.#dependencies.views.epoch);
    return known && [...known.vetted.datasets].every(sees) ? known : undefined;
  }

  #namesFor(visibility: Visibility): NameLookup {
    const { engine, views } = this.#dependencies;
    return {
      dataset: (name) => views.find(name, visibility),
      isEngineFunction: (name) => engine.names.functions.has(name),
      isEngineRelation: (name) => engine.names.relations.has(name),
    };
  }

  async #explain(error: unknown, { request: { sql }, context, reads }: Query): Promise<unknown> {
    if (context.signal.aborted) return reasonOf(context.signal);
    const explained = explainEngineError(error, { sql, locations: this.#dependencies.objectFolders });
    if (!isOfAnObject(error) || isUnavailable(explained)) return explained;
    try {
      return (await findUnreadable(this.#dependencies, reads, context)) ?? explained;
    } catch (failure) {
      this.#dependencies.logger.debug({ err: failure }, "it can't be told whether an object is at fault");
      return explained;
    }
  }
}

/** Whether the statement lists the engine's catalog for a caller for whom not all of it exists. */
function listsAreLimited({ listsCatalog }: VettedStatement, { isTotal }: Visibility): boolean {
  return listsCatalog && !isTotal;
}

function reasonOf({ reason }: AbortSignal): LakehouseError {
  if (reason instanceof LakehouseError) return reason;
  return new LakehouseError("client_closed_request", "The client went away before the answer.", { cause: reason });
}

function isUnavailable(error: unknown): boolean {
  return isLakehouseError(error, "dataset_unavailable");
}
