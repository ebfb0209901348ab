import { z } from "zod";
import { whoamiSchema } from "../access.ts";
import { healthSchema, readySchema } from "../common.ts";
import { statusSchema } from "../gateway.ts";
import { jsonAnswer, textSchema } from "./content.ts";
import type { ApiRoute } from "./route.ts";

const openApiSchema = z.looseObject({ openapi: z.string() }).meta({ description: "OpenAPI 3.1." });

const openApiAnswer = { 200: jsonAnswer("The document.", openApiSchema) };

export const gatewayRoutes: ApiRoute[] = [
  {
    method: "GET",
    path: "/v1/whoami",
    service: "gateway",
    id: "whoami",
    scope: "any",
    summary: "Tells what the token may do",
    description: "Where no token is configured, everybody is `anonymous`.",
    answers: { 200: jsonAnswer("The token's name, role, scopes, datasets and expiry.", whoamiSchema) },
    errors: [],
  },
  {
    method: "GET",
    path: "/v1/status",
    service: "gateway",
    id: "getStatus",
    scope: "status",
    summary: "Asks every service for its health",
    description: "`degraded` where one of them does not answer; 200 either way.",
    answers: { 200: jsonAnswer("Each service's health.", statusSchema) },
    errors: [],
  },
  {
    method: "GET",
    path: "/health",
    service: "gateway",
    id: "getHealth",
    scope: "any",
    summary: "Whether the gateway's process answers",
    description: "Never asks for a token. Every service has it on its own port.",
    answers: { 200: jsonAnswer("It does.", healthSchema) },
    errors: [],
    open: true,
  },
  {
    method: "GET",
    path: "/ready",
    service: "gateway",
    id: "getReady",
    scope: "status",
    summary: "Whether the gateway can do its work",
    description: "Every service has it on its own port, and names there what is damaged or out of reach.",
    answers: {
      200: jsonAnswer("It can; `degraded` where a part is damaged.", readySchema),
      503: jsonAnswer("It can't: something that it needs fails.", readySchema),
    },
    errors: [],
  },
  {
    method: "GET",
    path: "/metrics",
    service: "gateway",
    id: "getMetrics",
    scope: "status",
    summary: "The gateway's figures for Prometheus",
    description: "Every service has it on its own port.",
    answers: { 200: { description: "Prometheus text.", content: { "text/plain": { schema: textSchema } } } },
    errors: [],
  },
  {
    method: "GET",
    path: "/openapi.json",
    service: "gateway",
    id: "getOpenApi",
    scope: "any",
    summary: "This document",
    answers: openApiAnswer,
    errors: [],
  },
  {
    method: "GET",
    path: "/v1/openapi.json",
    service: "gateway",
    id: "getOpenApiUnderV1",
    scope: "any",
    summary: "This document, where the rest of the API is",
    answers: openApiAnswer,
    errors: [],
  },
];
