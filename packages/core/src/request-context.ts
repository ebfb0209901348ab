import { randomUUID } from "node:crypto";
import type { Caller } from "@lakehouse/contracts";

/** What a request carries from service to service: pass it on to every peer, stop when `signal` aborts. */
export interface RequestContext {
  requestId: string;
  traceparent?: string;
  /** The work that this request is, where traces are on; `traceparent` is then its own. */
  span?: Span;
  signal: AbortSignal;
  /** Who asked, told to every peer; undefined for work that a service does of its own accord. */
  caller?: Caller;
}

/** For work that no request asked for: its own id, and a deadline. */
export function backgroundContext(deadlineMs: number): RequestContext {
  return { requestId: randomUUID(), signal: AbortSignal.timeout(deadlineMs) };
}

/** The same request; it also stops when one of these signals aborts. */
export function withSignals(context: RequestContext, ...signals: AbortSignal[]): RequestContext {
  return { ...context, signal: AbortSignal.any([context.signal, ...signals]) };
}

/** A piece of work in a trace. */
export interface Span {
  /** What a peer is told of it, as W3C Trace Context has it. */
  readonly traceparent: string;
  /** A call to a peer, as a part of this work. */
  startCall(name: string, attributes: Record<string, string>): Span;
  end(outcome: SpanOutcome): void;
}

/** An answer with its status, or what stands in its place: the code of an error. */
export type SpanOutcome = { status: number } | { error: string };
