const controller = new AbortController();

/** Fires on the first Ctrl-C; a second one ends the process at once, as if nobody listened. */
export const interrupted: AbortSignal = controller.signal;

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => controller.abort());
