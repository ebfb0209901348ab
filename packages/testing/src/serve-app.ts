/** What a test needs of a Fastify app; this package knows no service. */
interface App {
  listen(address: { host: string; port: number }): Promise<string>;
  close(): Promise<unknown>;
  server: { closeAllConnections(): void };
}

export interface ServedApp extends AsyncDisposable {
  url: string;
}

/**
 * Puts an app of this process on a free port of its own.
 * @param closeRest ends what the app stands on; runs after the app is closed
 */
export async function serveApp(app: App, closeRest: () => unknown = () => undefined): Promise<ServedApp> {
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    url,
    async [Symbol.asyncDispose]() {
      app.server.closeAllConnections();
      await app.close();
      await closeRest();
    },
  };
}
