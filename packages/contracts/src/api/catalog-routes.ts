import { z } from "zod";
import {
  gcRequestSchema,
  gcResultSchema,
  manifestListSchema,
  manifestSchema,
  registerRequestSchema,
  registerResultSchema,
} from "../catalog.ts";
import { datasetName, emptyAnswer, etagHeader, ifNoneMatch, jsonAnswer, jsonBody } from "./content.ts";
import { storeErrors } from "./errors.ts";
import type { ApiRoute } from "./route.ts";

const params = z.object({ name: datasetName });
const headers = z.object({ "if-none-match": ifNoneMatch });
const notModified = { description: "The client holds it already.", headers: etagHeader };

export const catalogRoutes: ApiRoute[] = [
  {
    method: "POST",
    path: "/v1/catalog/register",
    service: "catalogd",
    id: "registerDataset",
    scope: "catalog:write",
    summary: "Makes objects a dataset",
    description:
      "The same name and fingerprint replaces its objects, or appends to them; another fingerprint is refused.",
    body: jsonBody(registerRequestSchema, {
      name: "visits",
      schema_fingerprint: "v1",
      columns: [{ name: "id", type: "BIGINT" }],
      objects: [],
      row_count: 0,
    }),
    answers: { 200: jsonAnswer("It is registered, and durable.", registerResultSchema) },
    errors: [
      "forbidden_dataset",
      "invalid_name",
      "invalid_fingerprint",
      "invalid_key",
      "invalid_type",
      "schema_conflict",
      "name_conflict",
      "object_missing",
      "manifest_damaged",
      "not_loaded",
      ...storeErrors,
    ],
  },
  {
    method: "GET",
    path: "/v1/catalog/manifest/{name}",
    service: "catalogd",
    id: "getManifest",
    scope: "catalog:read",
    summary: "Tells what a dataset is made of",
    params,
    headers,
    answers: { 200: jsonAnswer("Its manifest.", manifestSchema, etagHeader), 304: notModified },
    errors: ["dataset_not_found", "manifest_damaged", "not_loaded"],
  },
  {
    method: "DELETE",
    path: "/v1/catalog/manifest/{name}",
    service: "catalogd",
    id: "deleteDataset",
    scope: "catalog:write",
    summary: "Forgets a dataset",
    description: "Its objects are garbage from now on, and removed after `catalogd.gc_grace`.",
    params,
    answers: { 204: emptyAnswer("It is forgotten.") },
    errors: ["dataset_not_found", "not_loaded", "storage_unavailable"],
  },
  {
    method: "GET",
    path: "/v1/catalog/list",
    service: "catalogd",
    id: "listDatasets",
    scope: "catalog:read",
    summary: "Lists all datasets by name",
    headers,
    answers: { 200: jsonAnswer("Their manifests.", manifestListSchema, etagHeader), 304: notModified },
    errors: ["not_loaded"],
  },
  {
    method: "POST",
    path: "/v1/catalog/gc",
    service: "catalogd",
    id: "collectGarbage",
    scope: ["catalog:write", "ingest"],
    summary: "Removes objects that no dataset lists",
    description: "Only those under `datasets/` that are older than `catalogd.gc_grace`.",
    body: { ...jsonBody(gcRequestSchema, { dry_run: true }), required: false },
    answers: { 200: jsonAnswer("What was garbage, and how much of it was removed.", gcResultSchema) },
    errors: ["not_loaded", "storage_unavailable"],
  },
];
