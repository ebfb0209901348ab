import type { ApiRoute } from "@lakehouse/contracts/api";
import type { Random } from "../random.ts";
import { mutatedBody } from "./hostile-json.ts";

/** A request as bytes, and in words. */
export interface HostileRequest {
  route: ApiRoute;
  words: string;
  bytes: Buffer[];
}

/** One request at a route, with something wrong in its path, its query, its headers or its body; seldom with nothing wrong. */
export function hostileRequest(route: ApiRoute, random: Random): HostileRequest {
  const target = targetOf(route, random);
  const headers = headersOf(random);
  const body = route.body ? bodyOf(route, random) : undefined;
  const bytes = Buffer.from(body?.content ?? "");
  const isChunked = random.chance(0.1) && bytes.length > 0;
  const framing = isChunked ? "transfer-encoding: chunked" : `content-length: ${bytes.length}`;
  const type = body?.type === undefined ? [] : [`content-type: ${body.type}`];
  const lines = [
    `${route.method} ${target} HTTP/1.1`,
    "host: localhost",
    "connection: close",
    framing,
    ...type,
    ...headers,
  ];
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  return {
    route,
    words: `${lines.join(" | ").slice(0, 600)} ${excerpt(bytes)}`,
    bytes: [head, isChunked ? chunked(bytes) : bytes],
  };
}

function targetOf({ path, query }: ApiRoute, random: Random): string {
  const filled = path.replace(/\{\w+\}/g, () => (random.chance(0.5) ? "fuzz" : random.pick(hostileSegments)));
  const names = Object.keys(query?.shape ?? {});
  const pairs = Array.from({ length: random.integer(0, 3) }, () => {
    const name = names.length > 0 && random.chance(0.8) ? random.pick(names) : random.pick(hostileNames);
    return `${name}=${random.chance(0.3) ? "1" : random.pick(hostileSegments)}`;
  });
  return pairs.length === 0 ? filled : `${filled}?${pairs.join("&")}`;
}

/** As they stand on a request line: no space, and no byte that ends it. */
const hostileSegments = [
  ...[
    "..",
    ".",
    "%2e%2e",
    "%2E%2E%2f%2e%2e%2fetc%2fpasswd",
    "..%5c..",
    "%00",
    "a%00b",
    "%",
    "%zz",
    "%ff%fe",
    "%c0%af",
    "%ed%a0%80",
  ],
  ...[
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "toString",
    "null",
    "undefined",
    "NaN",
    "-1",
    "0",
    "1e9",
    "99999999999999999999",
  ],
  ...[
    "x".repeat(300),
    "x".repeat(5_000),
    "%F0%9F%98%80",
    "%F0%9F%98%80".repeat(80),
    "\xff\xfe",
    "\xe4",
    "a;b",
    "a,b",
    "a+b",
    "*",
    "'",
    '"',
    "<x>",
  ],
  ...[
    "a%2Fb",
    "%2F",
    "a//b",
    "//",
    "%0d%0ax:1",
    "%0a",
    "%7f",
    "%C2%85",
    "%EF%BB%BF",
    "%E2%80%AE",
    "$(id)",
    "{name}",
    ":name",
    "_catalog",
    "[",
    "^",
  ],
];
const hostileNames = [
  "__proto__",
  "constructor",
  "bucket",
  "name",
  "a[b]",
  "a[]",
  "",
  "%00",
  "x".repeat(2_000),
  "limit",
  "format",
];

function headersOf(random: Random): string[] {
  return Array.from({ length: random.integer(0, 2) }, () => random.pick(hostileHeaders));
}

const hostileHeaders = [
  ...[
    "x-request-id: ../../x",
    `x-request-id: ${"x".repeat(5_000)}`,
    "x-request-id: \xff\xfe",
    "x-request-id:",
    "x-request-id: a\r\nx-request-id: b",
  ],
  ...[
    "accept: */*;q=nonsense",
    `accept: ${"text/csv,".repeat(2_000)}`,
    "accept: application/vnd.apache.parquet",
    "accept: text/event-stream",
  ],
  ...[
    "range: bytes=0-",
    "range: bytes=-0",
    "range: bytes=9-1",
    `range: bytes=${"0-0,".repeat(2_000)}`,
    "range: bytes=99999999999999999999-",
    "range: items=1",
  ],
  ...[
    `if-none-match: ${'"x",'.repeat(3_000)}`,
    "if-none-match: *",
    "if-none-match: \xff",
    "if-range: x",
    "authorization: Bearer x",
    "authorization: \xff",
  ],
  ...[
    "traceparent: 00-0-0-0",
    "traceparent: ffffffff",
    "content-encoding: gzip",
    "accept-encoding: bananas",
    "expect: 100-continue",
    "expect: bananas",
  ],
  ...[
    "content-type: text/csv",
    "content-type: application/json",
    "content-type: application/xml",
    "content-type: multipart/form-data",
    "content-type: ,",
  ],
  ...[
    "content-type: application/json; charset=utf-16",
    "x-forwarded-for: 127.0.0.1",
    "x-http-method-override: DELETE",
    "__proto__: x",
    "constructor: x",
  ],
  ...[
    "cookie: a=b",
    "origin: https://evil.example",
    "sec-fetch-site: cross-site",
    "te: trailers",
    "upgrade: h2c",
    "keep-alive: x",
    "proxy-connection: x",
  ],
  ...[
    `x: ${"y".repeat(20_000)}`,
    `x: ${"y".repeat(40_000)}`,
    Array.from({ length: 1_500 }, (_, n) => `h${n}: v`).join("\r\n"),
  ],
];

function bodyOf({ body }: ApiRoute, random: Random): { type: string | undefined; content: string | Buffer } {
  const [mediaType = "", content] = random.pick(Object.entries(body!.content));
  if (mediaType === "application/json")
    return { type: random.chance(0.8) ? mediaType : undefined, content: mutatedBody(content!.example, random) };
  if (mediaType === "multipart/form-data") return multipart(random);
  if (mediaType === "text/csv") return { type: mediaType, content: random.pick(hostileCsv) };
  return {
    type: random.pick(["application/octet-stream", "text/plain", undefined]),
    content: random.bytes(random.integer(0, 4_096)),
  };
}

const hostileCsv: readonly (string | Buffer)[] = [
  ...[
    "",
    "\n",
    "\r\n\r\n",
    ",",
    ",\n,",
    "a",
    "a\n",
    "a,a\n1,2\n",
    "a,A\n",
    '"',
    '"a',
    'a\n"x"y\n',
    "a\n1,2\n",
    "a,b\n1\n",
    "\ufeff",
    "\ufeffa\n1\n",
  ],
  ...[
    "__proto__,constructor\n1,2\n",
    "a\u0000b\n1\n",
    "a\n\u0000\n",
    "😀\n1\n",
    `${"x".repeat(100_000)}\n1\n`,
    `a\n${"x".repeat(1_000_000)}\n`,
  ],
  ...[
    `a\n${"\n".repeat(100_000)}`,
    `a\n${'""'.repeat(100_000)}\n`,
    `a\n"${'""'.repeat(100_000)}"\n`,
    `${"a,".repeat(5_000)}b\n`,
    `a\n${"1\r".repeat(1_000)}`,
  ],
  ...[
    Buffer.from([0x61, 0x0a, 0xff, 0x0a]),
    Buffer.from("a\n1\n", "utf16le"),
    Buffer.alloc(10_000),
    "=cmd|' /C calc'!A0\n1\n",
    "a\n1e400\nNaN\n-0\n",
  ],
];

function multipart(random: Random): { type: string; content: string } {
  const boundary = random.pick(["b", "-".repeat(70), "x".repeat(200), ""]);
  const disposition = random.pick([
    ...[
      'form-data; name="file"; filename="x.csv"',
      'form-data; name="file"',
      "form-data",
      "",
      'form-data; name="file"; filename="../../x"',
    ],
    ...[
      'form-data; name="__proto__"; filename="x"',
      'form-data; name="file"; filename="\u0000"',
      `form-data; name="${"x".repeat(9_000)}"`,
    ],
  ]);
  const end = random.pick([`\r\n--${boundary}--\r\n`, "", `\r\n--${boundary}`, `--${boundary}--`]);
  const part = `--${boundary}\r\ncontent-disposition: ${disposition}\r\n\r\na,b\n1,2\n`;
  const parts = `${part}\r\n`.repeat(random.pick([0, 1, 1, 1, 2, 2_000]));
  const type = random.pick([
    `multipart/form-data; boundary=${boundary}`,
    `multipart/form-data; boundary="${boundary}"`,
    "multipart/form-data",
  ]);
  return { type, content: parts + end };
}

function chunked(bytes: Buffer): Buffer {
  const size = (length: number) => Buffer.from(`${length.toString(16)}\r\n`);
  const half = Math.ceil(bytes.length / 2);
  const pieces = [bytes.subarray(0, half), bytes.subarray(half)].filter(({ length }) => length > 0);
  return Buffer.concat([
    ...pieces.flatMap((piece) => [size(piece.length), piece, Buffer.from("\r\n")]),
    Buffer.from("0\r\n\r\n"),
  ]);
}

function excerpt(bytes: Buffer): string {
  const text = JSON.stringify(bytes.toString("latin1", 0, 300));
  return bytes.length > 300 ? `${text}… (${bytes.length} bytes)` : text;
}
