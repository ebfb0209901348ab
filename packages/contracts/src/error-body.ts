import { z } from "zod";

/** The body of every answer that is not a success. */
export const errorBodySchema = z.object({
  error: z.string(),
  code: z.string(),
  request_id: z.string(),
  details: z.unknown().optional(),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;
