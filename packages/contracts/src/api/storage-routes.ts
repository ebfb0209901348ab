import { z } from "zod";
import type { ErrorCode } from "../errors.ts";
import { listQuerySchema, listResultSchema, objectQuerySchema, putResultSchema } from "../storage.ts";
import { bytesSchema, emptyAnswer, etagHeader, ifNoneMatch, jsonAnswer, objectKey } from "./content.ts";
import type { ApiAnswer, ApiRoute } from "./route.ts";

const params = z.object({ key: objectKey });
const header = (description: string) => z.string().exactOptional().meta({ description });
const objectErrors = [
  "invalid_request",
  "invalid_key",
  "bucket_not_found",
  "storage_unavailable",
] satisfies ErrorCode[];

const objectHeaders = {
  ...etagHeader,
  "last-modified": "When the object was written.",
  "accept-ranges": "`bytes`",
  "content-length": "Bytes of the answer.",
};
const bytes = { "application/octet-stream": { schema: bytesSchema } };
const notModified: ApiAnswer = { description: "The client holds it already.", headers: objectHeaders };

export const storageRoutes: ApiRoute[] = [
  {
    method: "PUT",
    path: "/v1/storage/put/{key}",
    service: "storaged",
    id: "putObject",
    scope: "storage:write",
    summary: "Stores an object",
    description: "Whole or not at all, and durable once it is answered. The body is streamed.",
    params,
    query: objectQuerySchema,
    body: { required: true, content: { "*/*": { schema: bytesSchema } } },
    answers: { 200: jsonAnswer("It is stored.", putResultSchema, etagHeader) },
    errors: [...objectErrors, "reserved_key", "key_conflict", "storage_busy", "storage_full"],
  },
  {
    method: "GET",
    path: "/v1/storage/get/{key}",
    service: "storaged",
    id: "getObject",
    scope: "storage:read",
    summary: "Reads an object, or a part of it",
    params,
    query: objectQuerySchema,
    headers: z.object({
      range: header("`bytes=0-99`, `bytes=100-` or `bytes=-100`"),
      "if-range": header("ETag of the object that the range is meant for; another one is given whole."),
      "if-none-match": ifNoneMatch,
    }),
    answers: {
      200: { description: "The object.", content: bytes, headers: objectHeaders },
      206: {
        description: "The part that was asked for.",
        content: bytes,
        headers: { ...objectHeaders, "content-range": "`bytes 0-99/1234`" },
      },
      304: notModified,
    },
    errors: [...objectErrors, "key_not_found", "range_not_satisfiable"],
  },
  {
    method: "HEAD",
    path: "/v1/storage/get/{key}",
    service: "storaged",
    id: "headObject",
    scope: "storage:read",
    summary: "Tells an object's size and ETag",
    params,
    query: objectQuerySchema,
    headers: z.object({ "if-none-match": ifNoneMatch }),
    answers: { 200: { description: "It is there.", headers: objectHeaders }, 304: notModified },
    errors: [...objectErrors, "key_not_found"],
  },
  {
    method: "DELETE",
    path: "/v1/storage/delete/{key}",
    service: "storaged",
    id: "deleteObject",
    scope: "storage:write",
    summary: "Removes an object",
    params,
    query: objectQuerySchema,
    answers: { 204: emptyAnswer("It is not there, whether or not it was.") },
    errors: [...objectErrors, "reserved_key"],
  },
  {
    method: "GET",
    path: "/v1/storage/list",
    service: "storaged",
    id: "listObjects",
    scope: "storage:read",
    summary: "Lists objects by prefix",
    description: "In the order of their keys' UTF-8 bytes. Where `truncated`, ask on with `cursor` = `next_cursor`.",
    query: listQuerySchema,
    answers: { 200: jsonAnswer("A page of them.", listResultSchema) },
    errors: ["bucket_not_found", "storage_unavailable"],
  },
];
