import { z } from "zod";

const serviceHealthSchema = z.object({
  status: z.enum(["ok", "unavailable"]),
  url: z.string().exactOptional(),
  latency_ms: z.number().exactOptional(),
  error: z.string().exactOptional(),
});
export type ServiceHealth = z.infer<typeof serviceHealthSchema>;

export const statusSchema = z.object({
  status: z.enum(["ok", "degraded"]),
  services: z.record(z.string(), serviceHealthSchema),
});
export type Status = z.infer<typeof statusSchema>;
