import replyFrom from "@fastify/reply-from";
import Fastify from "fastify";

/** @fastify/reply-from and nothing else: no ids, no log, no auth, no metrics. */
const [port, base] = process.argv.slice(2);
const app = Fastify();
app.register(replyFrom, { base: base! });
app.all("/*", (request, reply) => reply.from(request.url));
await app.listen({ port: Number(port), host: "127.0.0.1" });
