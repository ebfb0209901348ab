import type { Platform } from "./platform.ts";
import type { Service } from "./service.ts";
import type { SilentConnections } from "./silent-connections.ts";

const IDLE_POLL_MS = 20;

/** SIGTERM or SIGINT: stop accepting, let what is in flight finish up to `shutdown_grace`, close stores, exit 0. A second one ends at once. */
export function stopOnSignal(service: Service, { config, logger, tracer }: Platform, silent: SilentConnections): void {
  const stop = (signal: NodeJS.Signals) => {
    // The second one is the kernel's, as if nobody listened: process.exit would wait for threads, and abort where one is in native code.
    process.off("SIGTERM", stop).off("SIGINT", stop);
    logger.info({ signal }, "stopping");
    closeWithin(service, silent, config.server.shutdown_grace)
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

async function closeWithin({ app, close }: Service, silent: SilentConnections, graceMs: number): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), graceMs);
  const closeIdle = setInterval(() => {
    // A connection whose last answer has gone out is kept alive by Node, and would hold the server open for the whole grace.
    app.server.closeIdleConnections();
    silent.close();
  }, IDLE_POLL_MS);
  await app.close();
  clearTimeout(cut);
  clearInterval(closeIdle);
  await close?.();
}
