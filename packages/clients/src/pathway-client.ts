import {
  type AddIdempotentResult,
  type addIdempotentRequestSchema,
  addIdempotentResultSchema,
  type addTraceRequestSchema,
  type PathwayStats,
  pathwayStatsSchema,
  type ReviseTraceRequest,
  readySchema,
  type Trace,
  type TraceSearchResult,
  traceHistorySchema,
  traceResultSchema,
  type traceSearchRequestSchema,
  traceSearchResultSchema,
  type UpdateTraceRequest,
} from "@lakehouse/contracts";
import type { RequestContext } from "@lakehouse/core";
import type { z } from "zod";
import { type ClientOptions, HttpClient } from "./http/http-client.ts";

export type AddTraceInput = z.input<typeof addTraceRequestSchema>;
export type AddIdempotentInput = z.input<typeof addIdempotentRequestSchema>;
export type TraceSearchInput = z.input<typeof traceSearchRequestSchema>;

/** pathwayd, typed. Writes are not retried: the second of two would count, or find what the first has made. */
export class PathwayClient {
  readonly #http: HttpClient;

  constructor(options: ClientOptions) {
    this.#http = new HttpClient("pathwayd", options);
  }

  /** @throws LakehouseError `trace_exists`, `trace_log_full`, `trace_log_unavailable` */
  async add(request: AddTraceInput, context: RequestContext): Promise<Trace> {
    return this.#write("add", request, context);
  }

  /** A trace of the uid, or of equal content, that is there already is counted as replayed. @throws LakehouseError `trace_not_found` */
  async addIdempotent(request: AddIdempotentInput, context: RequestContext): Promise<AddIdempotentResult> {
    const body = JSON.stringify(request);
    const path = "/pathway/add_idempotent";
    return this.#http.json({ method: "POST", path, body, context, idempotent: false }, addIdempotentResultSchema);
  }

  /** In place; `version` counts. @throws LakehouseError `trace_not_found` */
  async update(request: UpdateTraceRequest, context: RequestContext): Promise<Trace> {
    return this.#write("update", request, context);
  }

  /** The new trace. @throws LakehouseError `trace_not_found`, `trace_superseded` */
  async revise(request: ReviseTraceRequest, context: RequestContext): Promise<Trace> {
    return this.#write("revise", request, context);
  }

  /** @throws LakehouseError `trace_not_found` */
  async retire(uid: string, context: RequestContext): Promise<Trace> {
    return this.#write("retire", { uid }, context);
  }

  /** Retired or not. @throws LakehouseError `trace_not_found` */
  async get(uid: string, context: RequestContext): Promise<Trace> {
    const path = `/pathway/get/${encodeURIComponent(uid)}`;
    return (await this.#http.json({ method: "GET", path, context, idempotent: true }, traceResultSchema)).trace;
  }

  /** Newest first. @throws LakehouseError `trace_not_found` */
  async history(uid: string, context: RequestContext): Promise<Trace[]> {
    const path = `/pathway/history/${encodeURIComponent(uid)}`;
    return (await this.#http.json({ method: "GET", path, context, idempotent: true }, traceHistorySchema)).traces;
  }

  /** Best first. */
  async search(request: TraceSearchInput, context: RequestContext): Promise<TraceSearchResult["results"]> {
    const body = JSON.stringify(request);
    const path = "/pathway/search";
    const call = { method: "POST", path, body, context, idempotent: true } as const;
    return (await this.#http.json(call, traceSearchResultSchema)).results;
  }

  async stats(context: RequestContext): Promise<PathwayStats> {
    return this.#http.json({ method: "GET", path: "/pathway/stats", context, idempotent: true }, pathwayStatsSchema);
  }

  /** @throws LakehouseError where pathwayd can't be reached or has not read its log */
  async ping(context: RequestContext): Promise<void> {
    await this.#http.json({ method: "GET", path: "/ready", context, idempotent: true }, readySchema);
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  async #write(command: string, request: unknown, context: RequestContext): Promise<Trace> {
    const body = JSON.stringify(request);
    const path = `/pathway/${command}`;
    return (await this.#http.json({ method: "POST", path, body, context, idempotent: false }, traceResultSchema)).trace;
  }
}
