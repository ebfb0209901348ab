import type { ErrorCode } from "@lakehouse/contracts/errors";
import { LakehouseError } from "@lakehouse/core/lakehouse-error";
import { DamagedError } from "../formats/damaged-error.ts";

// biome-ignore lint/suspicious/noExplicitAny: any method may be called; callers see its own types.
type Method = (...args: any[]) => unknown;

/** The methods of an object, which can be called from another thread: arguments and results are what structured clone takes. */
export type MethodNames<T> = { [N in keyof T]: T[N] extends Method ? N : never }[keyof T] & string;
export type ArgumentsOf<T, N extends keyof T> = T[N] extends Method ? Parameters<T[N]> : never;
export type ResultOf<T, N extends keyof T> = T[N] extends Method ? Untransferred<Awaited<ReturnType<T[N]>>> : never;
type Untransferred<R> = R extends Transferred<infer V> ? V : R;

/** A result whose memory goes to the thread that called, instead of being copied. */
export class Transferred<V> {
  readonly value: V;
  readonly buffers: ArrayBuffer[];

  constructor(value: V, buffers: ArrayBuffer[]) {
    this.value = value;
    this.buffers = buffers;
  }
}

export interface CallMessage {
  id: number;
  call: string;
  args: unknown[];
}

export type AnswerMessage = { id: number; result: unknown } | { id: number; failure: Failure };

/** An error on its way between threads, which would lose its class and fields. */
interface Failure {
  kind: "lakehouse" | "damaged" | "other";
  message: string;
  stack: string | undefined;
  code?: ErrorCode;
  details?: unknown;
}

export function toFailure(error: unknown): Failure {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof LakehouseError) {
    return { kind: "lakehouse", message, stack, code: error.code, details: error.details };
  }
  return { kind: error instanceof DamagedError ? "damaged" : "other", message, stack };
}

export function fromFailure({ kind, message, stack, code, details }: Failure): Error {
  // The stack of the thread says where it happened.
  const cause = Object.assign(new Error(message), { stack });
  if (kind === "lakehouse") return LakehouseError.received(code!, message, { details, cause });
  return kind === "damaged" ? new DamagedError(message, { cause }) : new Error(message, { cause });
}
