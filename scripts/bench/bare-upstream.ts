import { createServer } from "node:http";

/** The least that an HTTP server can do: 1 KiB, the same for all. */
const body = Buffer.alloc(1024, "x");
createServer((request, response) => {
  request.resume();
  response.writeHead(200, { "content-type": "text/plain", "content-length": body.length }).end(body);
}).listen(Number(process.argv[2]), "127.0.0.1");
