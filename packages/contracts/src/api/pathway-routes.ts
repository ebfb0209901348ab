import { z } from "zod";
import type { ErrorCode } from "../errors.ts";
import {
  addIdempotentRequestSchema,
  addIdempotentResultSchema,
  addTraceRequestSchema,
  pathwayStatsSchema,
  retireTraceRequestSchema,
  reviseTraceRequestSchema,
  traceHistorySchema,
  traceResultSchema,
  traceSearchRequestSchema,
  traceSearchResultSchema,
  updateTraceRequestSchema,
} from "../pathway.ts";
import { jsonAnswer, jsonBody, pathPart } from "./content.ts";
import type { ApiRoute } from "./route.ts";

const params = z.object({ uid: pathPart("Uid of a trace.", "t-1") });
const logErrors = [
  "trace_log_busy",
  "trace_log_full",
  "trace_log_unavailable",
  "not_loaded",
] as const satisfies ErrorCode[];
const content = { task: "fill a welding shift", answer: "w-17" };

export const pathwayRoutes: ApiRoute[] = [
  {
    method: "POST",
    path: "/v1/pathway/add",
    service: "pathwayd",
    id: "addTrace",
    summary: "Remembers a trace",
    description: "Any JSON; durable once it is answered.",
    body: jsonBody(addTraceRequestSchema, { uid: "t-1", content, tags: ["staffing"] }),
    answers: { 201: jsonAnswer("It is remembered.", traceResultSchema) },
    errors: ["trace_exists", ...logErrors],
  },
  {
    method: "POST",
    path: "/v1/pathway/add_idempotent",
    service: "pathwayd",
    id: "addTraceIdempotently",
    summary: "Remembers a trace, or counts that it came again",
    description:
      "A uid that is there, or equal content where none is given, bumps `replay_count` and keeps the content.",
    body: jsonBody(addIdempotentRequestSchema, { content }),
    answers: {
      200: jsonAnswer("It was there, and is counted.", addIdempotentResultSchema),
      201: jsonAnswer("It is remembered.", addIdempotentResultSchema),
    },
    errors: ["trace_not_found", ...logErrors],
  },
  {
    method: "POST",
    path: "/v1/pathway/update",
    service: "pathwayd",
    id: "updateTrace",
    summary: "Changes a trace in place",
    body: jsonBody(updateTraceRequestSchema, { uid: "t-1", content }),
    answers: { 200: jsonAnswer("It is changed; `version` counts up.", traceResultSchema) },
    errors: ["trace_not_found", ...logErrors],
  },
  {
    method: "POST",
    path: "/v1/pathway/revise",
    service: "pathwayd",
    id: "reviseTrace",
    summary: "Puts a new trace in the place of an old one",
    description: "The old one is retired, and stays in the history of the new.",
    body: jsonBody(reviseTraceRequestSchema, { uid: "t-1", content }),
    answers: { 201: jsonAnswer("The new trace.", traceResultSchema) },
    errors: ["trace_not_found", "trace_superseded", ...logErrors],
  },
  {
    method: "POST",
    path: "/v1/pathway/retire",
    service: "pathwayd",
    id: "retireTrace",
    summary: "Takes a trace out of searches",
    description: "It can still be read.",
    body: jsonBody(retireTraceRequestSchema, { uid: "t-1" }),
    answers: { 200: jsonAnswer("The retired trace.", traceResultSchema) },
    errors: ["trace_not_found", ...logErrors],
  },
  {
    method: "GET",
    path: "/v1/pathway/get/{uid}",
    service: "pathwayd",
    id: "getTrace",
    summary: "Reads a trace, retired or not",
    params,
    answers: { 200: jsonAnswer("The trace.", traceResultSchema) },
    errors: ["trace_not_found", "not_loaded"],
  },
  {
    method: "GET",
    path: "/v1/pathway/history/{uid}",
    service: "pathwayd",
    id: "getTraceHistory",
    summary: "Tells what a trace came from",
    params,
    answers: { 200: jsonAnswer("It and its predecessors, newest first.", traceHistorySchema) },
    errors: ["trace_not_found", "not_loaded"],
  },
  {
    method: "POST",
    path: "/v1/pathway/search",
    service: "pathwayd",
    id: "searchTraces",
    summary: "Finds traces by their words, tags and time",
    description:
      "By BM25, then recency; a revised trace stands below its successor. `as_of` searches memory as it stood then.",
    body: jsonBody(traceSearchRequestSchema, { query: "welding", tags: ["staffing"], limit: 5 }),
    answers: { 200: jsonAnswer("The hits.", traceSearchResultSchema) },
    errors: ["not_loaded"],
  },
  {
    method: "GET",
    path: "/v1/pathway/stats",
    service: "pathwayd",
    id: "getPathwayStats",
    summary: "Tells how much is remembered",
    answers: { 200: jsonAnswer("The counts.", pathwayStatsSchema) },
    errors: ["not_loaded"],
  },
];
