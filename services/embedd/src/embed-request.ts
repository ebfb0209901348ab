import { embedRequestSchema } from "@lakehouse/contracts";
import type { Config } from "@lakehouse/server";
import { z } from "zod";
import { JSON_ESCAPE_FACTOR, JSON_FRAME_BYTES } from "./limits.ts";

export type BatchLimits = Pick<Config["embedd"], "max_batch" | "max_text_bytes">;

/** The contract's request within the configured limits. How many texts there are is looked at before any of them. */
export function embedRequestWithin({ max_batch, max_text_bytes }: BatchLimits) {
  const fits = (text: string) => Buffer.byteLength(text) <= max_text_bytes;
  const textSchema = embedRequestSchema.shape.texts.element.refine(fits, `is over ${max_text_bytes} bytes`);
  return z.strictObject({
    texts: z.array(z.unknown()).min(1).max(max_batch).pipe(z.array(textSchema)),
    model: embedRequestSchema.shape.model,
  });
}

/** Room for a full batch of the longest texts, escaped as JSON. */
export function bodyLimitBytes({ max_batch, max_text_bytes }: BatchLimits): number {
  return max_batch * max_text_bytes * JSON_ESCAPE_FACTOR + JSON_FRAME_BYTES;
}
