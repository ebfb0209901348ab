import { embedRequestSchema } from "@lakehouse/contracts";
import type { Config } from "@lakehouse/server";
import { z } from "zod";
import { JSON_ESCAPE_FACTOR, JSON_FRAME_BYTES } from "./limits.ts";

export type BatchLimits = Pick<Config["embedd"], "max_batch" | "max_text_bytes">;

/** The contract's request within the configured limits. */
export function embedRequestWithin(limits: BatchLimits) {
  return z.strictObject({ texts: textsWithin(limits), model: embedRequestSchema.shape.model });
}

/** How many texts there are is looked at before any of them. */
export function textsWithin({ max_batch, max_text_bytes }: BatchLimits) {
  const fits = (text: string) => Buffer.byteLength(text) <= max_text_bytes;
  const textSchema = embedRequestSchema.shape.texts.element.refine(fits, `is over ${max_text_bytes} bytes`);
  return z.array(z.unknown()).min(1).max(max_batch).pipe(z.array(textSchema));
}

/** Room for a full batch of the longest texts, escaped as JSON. */
export function bodyLimitBytes({ max_batch, max_text_bytes }: BatchLimits): number {
  return max_batch * max_text_bytes * JSON_ESCAPE_FACTOR + JSON_FRAME_BYTES;
}
