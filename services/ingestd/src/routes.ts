import { type IngestResult, ingestQuerySchema } from "@lakehouse/contracts";
import { assertMayWrite, assertName, parseRequest } from "@lakehouse/core";
import { requestContext, sendContinue } from "@lakehouse/server";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { IngestSlots } from "./ingest-slots.ts";
import type { Ingest, Ingestor } from "./ingestor.ts";
import type { IngestMetrics } from "./metrics.ts";
import { parseTypeOverrides } from "./type-overrides.ts";
import { tooLarge, uploadedCsv } from "./upload.ts";

export interface IngestServices {
  ingestor: Ingestor;
  slots: IngestSlots;
  metrics: IngestMetrics;
  /** Of one upload. */
  bytesMax: number;
}

export function addRoutes(app: FastifyInstance, { ingestor, slots, metrics, bytesMax }: IngestServices): void {
  app.post("/ingest", (request, reply): Promise<IngestResult> => {
    return metrics.count(async () => {
      const wishes = parseQuery(request);
      assertSize(request, bytesMax);
      return slots.run(() => {
        sendContinue(request, reply);
        const csv = counted(uploadedCsv(request, bytesMax), metrics);
        return ingestor.ingest({ ...wishes, csv }, requestContext(request, reply));
      });
    });
  });
}

/** @throws LakehouseError `invalid_request`, `invalid_name`, `forbidden_dataset` */
function parseQuery({ query, identity }: FastifyRequest): Omit<Ingest, "csv"> {
  const { name, mode, delimiter, types } = parseRequest(ingestQuerySchema, query);
  assertName(name);
  assertMayWrite(identity?.caller, name);
  return { name, mode, delimiter, types: parseTypeOverrides(types) };
}

/** Before a byte of the body is read. @throws LakehouseError `payload_too_large` */
function assertSize({ headers }: FastifyRequest, bytesMax: number): void {
  if (Number(headers["content-length"] ?? 0) > bytesMax) throw tooLarge(bytesMax);
}

async function* counted(csv: AsyncIterable<Buffer>, metrics: IngestMetrics): AsyncGenerator<Buffer> {
  for await (const piece of csv) {
    metrics.countReceived(piece.length);
    yield piece;
  }
}
