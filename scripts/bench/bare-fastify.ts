import Fastify from "fastify";

/** A Fastify that does nothing: what a service costs that is none. */
const app = Fastify();
app.get("/health", async () => ({ status: "ok" }));
await app.listen({ port: Number(process.argv[2]), host: "127.0.0.1" });
