import type { ErrorCode } from "@lakehouse/contracts";

/**
 * What the client is told of a file that can't be taken. It becomes a LakehouseError outside of the converting thread, which so
 * does without the code of the contracts and of zod: 10 MB a thread.
 */
export class CsvRefusal extends Error {
  readonly code: ErrorCode;
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, details?: unknown) {
    super(message);
    this.name = "CsvRefusal";
    this.code = code;
    this.details = details;
  }
}
