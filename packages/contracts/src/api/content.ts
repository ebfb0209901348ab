import { z } from "zod";
import type { ApiAnswer, ApiBody } from "./route.ts";

/** Bytes as they are: to JSON Schema anything at all. */
export const bytesSchema = z.unknown().meta({ description: "Bytes." });
export const textSchema = z.string();

export function jsonBody(schema: z.ZodType, example: unknown): ApiBody {
  return { required: true, content: { "application/json": { schema, example } } };
}

export function jsonAnswer(description: string, schema: z.ZodType, headers: Record<string, string> = {}): ApiAnswer {
  return { description, content: { "application/json": { schema } }, headers };
}

export function emptyAnswer(description: string): ApiAnswer {
  return { description };
}

/** What stands for a variable part of a path. */
export function pathPart(description: string, example: string): z.ZodString {
  return z.string().meta({ description, examples: [example] });
}

export const datasetName = pathPart("Name of a dataset.", "people");
export const indexName = pathPart("Name of a vector index.", "resumes");
export const objectKey = pathPart(
  "Key of an object: slashes as they are, all else percent-encoded.",
  "inbox/people.csv",
);

export const ifNoneMatch = z
  .string()
  .exactOptional()
  .meta({ description: "ETag that the client holds; 304 where it is still right." });

export const etagHeader = { etag: "Changes when the content does; send it back in `If-None-Match`." };
