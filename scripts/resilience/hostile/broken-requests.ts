/** Where a smuggled request would go: the bare path, which only the service behind the gateway knows. */
export const canaryKey = "canaries/one";
const smuggled = `DELETE /storage/delete/${canaryKey} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n`;

export interface BrokenRequest {
  words: string;
  bytes: Buffer;
}

const post = "POST /v1/sql HTTP/1.1\r\nhost: localhost\r\n";
const put = "PUT /v1/storage/put/fuzz/broken HTTP/1.1\r\nhost: localhost\r\n";
const get = "GET /v1/catalog/list HTTP/1.1\r\nhost: localhost\r\n";
const sql = '{"sql":"SELECT 1"}';
const chunk = `${sql.length.toString(16)}\r\n${sql}\r\n`;

/** Two readers of one of these may differ about where it ends: then the rest of it is a request that nobody has checked. */
const smuggling = {
  "a length and chunks": `${post}content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  "chunks and a length": `${post}transfer-encoding: chunked\r\ncontent-length: 6\r\n\r\n0\r\n\r\n${smuggled}`,
  "two lengths": `${post}content-length: 0\r\ncontent-length: ${smuggled.length}\r\n\r\n${smuggled}`,
  "the same length twice": `${post}content-length: 18\r\ncontent-length: 18\r\n\r\n${sql}${smuggled}`,
  "a list of lengths": `${post}content-length: 0, ${smuggled.length}\r\n\r\n${smuggled}`,
  "a length with a sign": `${post}content-length: +18\r\n\r\n${sql}${smuggled}`,
  "a negative length": `${post}content-length: -1\r\n\r\n${smuggled}`,
  "a hexadecimal length": `${post}content-length: 0x12\r\n\r\n${sql}${smuggled}`,
  "a length past 2^64": `${post}content-length: 18446744073709551634\r\n\r\n${sql}${smuggled}`,
  "an empty length": `${post}content-length:\r\n\r\n${smuggled}`,
  "a length with a space inside": `${post}content-length: 1 8\r\n\r\n${sql}${smuggled}`,
  "a space before the colon": `${post}transfer-encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  "a tab for the space": `${post}transfer-encoding:\tchunked\r\n\r\n0\r\n\r\n${smuggled}`,
  "chunked twice": `${post}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  "chunked, then identity": `${post}transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n${smuggled}`,
  "an encoding that nobody knows": `${post}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
  "chunked not last": `${post}transfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n${smuggled}`,
  "a folded header": `${post}x: y\r\n transfer-encoding: chunked\r\ncontent-length: 18\r\n\r\n${sql}${smuggled}`,
  "bare line feeds": `${post}content-length: 18\r\nx: y\n\n${sql}${smuggled}`,
  "a bare carriage return": `${post}x: y\rtransfer-encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  "a vertical tab": `${post}transfer-encoding:\x0bchunked\r\n\r\n0\r\n\r\n${smuggled}`,
  "chunks under HTTP/1.0": `${post.replace("1.1", "1.0")}transfer-encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  "a chunk of no size": `${post}transfer-encoding: chunked\r\n\r\n\r\n${smuggled}`,
  "a chunk of a size that is no number": `${post}transfer-encoding: chunked\r\n\r\nzz\r\n${smuggled}`,
  "a chunk past 2^64": `${post}transfer-encoding: chunked\r\n\r\n10000000000000012\r\n${sql}\r\n0\r\n\r\n${smuggled}`,
  "a chunk of a negative size": `${post}transfer-encoding: chunked\r\n\r\n-1\r\n${smuggled}`,
  "a chunk that is longer than it says": `${post}transfer-encoding: chunked\r\n\r\n2\r\n${sql}\r\n0\r\n\r\n${smuggled}`,
  "a chunk's extension": `${post}transfer-encoding: chunked\r\n\r\n12;x="${"y".repeat(20_000)}"\r\n${sql}\r\n0\r\n\r\n${smuggled}`,
  "a chunk's end without a return": `${post}transfer-encoding: chunked\r\n\r\n12\n${sql}\n0\n\n${smuggled}`,
  "trailers that frame": `${post}transfer-encoding: chunked\r\n\r\n${chunk}0\r\ncontent-length: 5\r\ntransfer-encoding: x\r\n\r\n${smuggled}`,
  "endless trailers": `${post}transfer-encoding: chunked\r\n\r\n${chunk}0\r\n${"t: v\r\n".repeat(10_000)}\r\n${smuggled}`,
  "the body of a GET": `${get}content-length: ${smuggled.length}\r\n\r\n${smuggled}`,
  "the chunked body of a GET": `${get}transfer-encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  "lengths under connection": `${post}connection: content-length\r\ncontent-length: ${smuggled.length}\r\n\r\n${smuggled}`,
  "an upload that is two": `${put}content-length: ${smuggled.length}\r\nconnection: transfer-encoding\r\n\r\n${smuggled}`,
  "a path with a line of its own": `GET /v1/storage/get/x%0d%0a%0d%0a${encodeURIComponent(smuggled)} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
};

const malformed = {
  "no host": "GET /v1/status HTTP/1.1\r\n\r\n",
  "two hosts": `${get}host: other\r\n\r\n`,
  "no version": "GET /v1/status\r\n\r\n",
  "a version that is not there": "GET /v1/status HTTP/9.9\r\nhost: localhost\r\n\r\n",
  "HTTP/2's preface": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  TLS: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  noise: "\x00\xff\xfe\x01garbage\r\n\r\n",
  "line ends alone": "\r\n\r\n\r\n\r\n",
  nothing: "",
  "half a request line": "GET /v1/sta",
  "half a head": `${get}x: `,
  "half a body": `${post}content-length: 1000\r\n\r\n${sql}`,
  "half a chunk": `${post}transfer-encoding: chunked\r\n\r\nfff\r\n${sql}`,
  "half an upload": `${put}content-length: 1000000\r\n\r\nhalf`,
  "a method that is not there": "BREW /v1/sql HTTP/1.1\r\nhost: localhost\r\n\r\n",
  CONNECT: "CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: localhost\r\n\r\n",
  TRACE: "TRACE /v1/status HTTP/1.1\r\nhost: localhost\r\n\r\n",
  "OPTIONS of all": "OPTIONS * HTTP/1.1\r\nhost: localhost\r\n\r\n",
  "a URL as the target": "GET http://169.254.169.254/v1/status HTTP/1.1\r\nhost: localhost\r\n\r\n",
  "a target of two slashes": "GET //127.0.0.1/v1/status HTTP/1.1\r\nhost: localhost\r\n\r\n",
  "a target without a slash": "GET v1/status HTTP/1.1\r\nhost: localhost\r\n\r\n",
  "a space in the target": "GET /v1/st atus HTTP/1.1\r\nhost: localhost\r\n\r\n",
  "a NUL in the target": "GET /v1/st\x00atus HTTP/1.1\r\nhost: localhost\r\n\r\n",
  "a fragment": "GET /v1/status#x HTTP/1.1\r\nhost: localhost\r\n\r\n",
  "bytes past ASCII in the target": "GET /v1/storage/get/\xff\xc3\xa4 HTTP/1.1\r\nhost: localhost\r\n\r\n",
  "a target of 100,000 bytes": `GET /v1/${"x".repeat(100_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
  "a query of 30,000 pairs": `GET /v1/storage/list?${"a=1&".repeat(7_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
  "a NUL in a header": `${get}x: a\x00b\r\n\r\n`,
  "a header without a name": `${get}: x\r\n\r\n`,
  "a header without a colon": `${get}nonsense\r\n\r\n`,
  "a name of a header with a space": `${get}a b: c\r\n\r\n`,
  "10,000 headers": `${get}${"h: v\r\n".repeat(10_000)}\r\n`,
  "a header of 10 MB": `${get}x: ${"y".repeat(10_000_000)}\r\n\r\n`,
  "an upgrade": `${get}connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x\r\n\r\n`,
  "an upgrade to HTTP/2": `${get}connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n`,
  "an expectation": `${post}expect: bananas\r\ncontent-length: 18\r\n\r\n${sql}`,
  "1,000 requests in one piece": `${get}\r\n`.repeat(1_000),
};

export const brokenRequests: BrokenRequest[] = Object.entries({ ...smuggling, ...malformed }).map(([words, text]) => ({
  words,
  bytes: Buffer.from(text, "latin1"),
}));
