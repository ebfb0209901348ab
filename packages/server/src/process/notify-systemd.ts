import { execFile } from "node:child_process";
import type { Logger } from "../telemetry/logger.ts";

/**
 * Tells systemd that this service answers, where a unit of `Type=notify` started it. Its socket takes datagrams, which Node
 * can't send over a Unix socket, so systemd's own tool does; the unit allows that by `NotifyAccess=all`.
 */
export function notifySystemd(status: string, environment: NodeJS.ProcessEnv, logger: Logger): void {
  const { NOTIFY_SOCKET, PATH } = environment;
  if (NOTIFY_SOCKET === undefined) return;
  execFile("systemd-notify", ["--ready", `--status=${status}`], { env: { NOTIFY_SOCKET, PATH } }, (error) => {
    if (error) logger.error({ err: error }, "systemd can't be told that the service is ready");
  });
}
