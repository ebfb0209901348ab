import type { Platform } from "./platform.ts";
import type { Service } from "./service.ts";

const IDLE_POLL_MS = 20;

/** SIGTERM or SIGINT: stop accepting, let what is in flight finish up to `shutdown_grace`, close stores, exit 0. A second one exits at once. */
export function stopOnSignal(service: Service, { config, logger, tracer }: Platform): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info({ signal }, "stopping");
    const closed = closeWithin(service, config.server.shutdown_grace);
    closed
      .then(() => tracer?.shutdown())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error({ err: error }, "stopping failed");
          process.exit(1);
        },
      );
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
}

async function closeWithin({ app, close }: Service, graceMs: number): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), graceMs);
  // A connection whose last answer has gone out is kept alive by Node, and would hold the server open for the whole grace.
  const closeIdle = setInterval(() => app.server.closeIdleConnections(), IDLE_POLL_MS);
  await app.close();
  clearTimeout(cut);
  clearInterval(closeIdle);
  await close?.();
}
