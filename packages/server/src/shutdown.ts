import type { Platform } from "./platform.ts";
import type { Service } from "./run-service.ts";

/** SIGTERM or SIGINT: stop accepting, let what is in flight finish up to `shutdown_grace`, close stores, exit 0. A second one exits at once. */
export function stopOnSignal(service: Service, { config, logger }: Platform): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info({ signal }, "stopping");
    closeWithin(service, config.server.shutdown_grace).then(
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
  await app.close();
  clearTimeout(cut);
  await close?.();
}
