import multipart from "@fastify/multipart";
import type { CatalogClient, StorageClient } from "@lakehouse/clients";
import { createServer, leaveContinueToTheRoutes, type Platform } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import type { ConversionThreads } from "./convert/conversion-threads.ts";
import { IngestSlots } from "./ingest-slots.ts";
import { Ingestor } from "./ingestor.ts";
import { addStateGauges, createMetrics } from "./metrics.ts";
import { Publisher } from "./publisher.ts";
import { readiness } from "./readiness.ts";
import { addRoutes } from "./routes.ts";
import type { Spool } from "./spool/spool.ts";

export interface IngestdDependencies {
  spool: Spool;
  threads: ConversionThreads;
  storage: StorageClient;
  catalog: CatalogClient;
}

export function buildApp(
  { spool, threads, storage, catalog }: IngestdDependencies,
  platform: Platform,
): FastifyInstance {
  const { max_ingest_bytes: bytesMax, ingest_slots } = platform.config.ingestd;
  const app = createServer(platform, {
    readiness: () => readiness(storage, catalog),
    bodyTypes: "text/csv, or multipart/form-data with a file part called file",
  });
  takeOnlyUploads(app);
  leaveContinueToTheRoutes(app);
  const slots = new IngestSlots(ingest_slots);
  addStateGauges(platform.registry, slots);
  const ingestor = new Ingestor(spool, threads, new Publisher(storage, catalog));
  addRoutes(app, { ingestor, slots, metrics: createMetrics(platform.registry), bytesMax });
  return app;
}

/** Bodies are left on the request, to be read as they come. */
function takeOnlyUploads(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("text/csv", (_request, payload, done) => done(null, payload));
  app.register(multipart);
}
