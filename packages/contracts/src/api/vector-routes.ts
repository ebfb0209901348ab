import { z } from "zod";
import type { ErrorCode } from "../errors.ts";
import {
  addItemsRequestSchema,
  addItemsResultSchema,
  createIndexRequestSchema,
  deleteItemsRequestSchema,
  deleteItemsResultSchema,
  indexInfoSchema,
  indexListSchema,
  searchRequestSchema,
  searchResultSchema,
  storedItemSchema,
} from "../vector.ts";
import { emptyAnswer, indexName, jsonAnswer, jsonBody, pathPart } from "./content.ts";
import { storeErrors } from "./errors.ts";
import type { ApiRoute } from "./route.ts";

const params = z.object({ name: indexName });
const itemParams = params.extend({ id: pathPart("Id of an item.", "r-1") });
const indexErrors = ["index_not_found", "index_damaged", "not_loaded"] as const satisfies ErrorCode[];

export const vectorRoutes: ApiRoute[] = [
  {
    method: "POST",
    path: "/v1/vectors/index",
    service: "vectord",
    id: "createIndex",
    summary: "Makes a vector index",
    body: jsonBody(createIndexRequestSchema, { name: "resumes", dimension: 3 }),
    answers: { 201: jsonAnswer("It is there, and durable.", indexInfoSchema) },
    errors: ["invalid_name", "index_exists", "not_loaded", ...storeErrors],
  },
  {
    method: "GET",
    path: "/v1/vectors/index",
    service: "vectord",
    id: "listIndexes",
    summary: "Lists all vector indexes",
    answers: { 200: jsonAnswer("The indexes.", indexListSchema) },
    errors: ["not_loaded"],
  },
  {
    method: "GET",
    path: "/v1/vectors/index/{name}",
    service: "vectord",
    id: "getIndex",
    summary: "Tells what an index is, and how much is in it",
    params,
    answers: { 200: jsonAnswer("The index.", indexInfoSchema) },
    errors: indexErrors,
  },
  {
    method: "DELETE",
    path: "/v1/vectors/index/{name}",
    service: "vectord",
    id: "deleteIndex",
    summary: "Removes an index and all that is in it",
    description: "Also one that is damaged.",
    params,
    answers: { 204: emptyAnswer("It is gone.") },
    errors: ["index_not_found", "not_loaded", ...storeErrors],
  },
  {
    method: "POST",
    path: "/v1/vectors/index/{name}/add",
    service: "vectord",
    id: "addItems",
    summary: "Adds vectors, or replaces those whose ids are there",
    description: "The whole batch or nothing of it, durable once it is answered.",
    params,
    body: jsonBody(addItemsRequestSchema, { items: [{ id: "r-1", vector: [0.1, 0.9, 0], metadata: { state: "IL" } }] }),
    answers: { 200: jsonAnswer("How many were added and replaced.", addItemsResultSchema) },
    errors: [...indexErrors, "invalid_vector", "vectors_busy", ...storeErrors],
  },
  {
    method: "POST",
    path: "/v1/vectors/index/{name}/search",
    service: "vectord",
    id: "searchIndex",
    summary: "Finds the nearest vectors",
    description: "Nearest first, ties by id. With a filter there are still `k` if `k` items match.",
    params,
    body: jsonBody(searchRequestSchema, { vector: [0, 1, 0], k: 5, filter: { state: ["IL", "OH"] } }),
    answers: { 200: jsonAnswer("The hits.", searchResultSchema) },
    errors: [...indexErrors, "invalid_vector", "vectors_busy"],
  },
  {
    method: "GET",
    path: "/v1/vectors/index/{name}/items/{id}",
    service: "vectord",
    id: "getItem",
    summary: "Reads one item",
    params: itemParams,
    answers: { 200: jsonAnswer("The item, its vector as it was given.", storedItemSchema) },
    errors: [...indexErrors, "item_not_found"],
  },
  {
    method: "POST",
    path: "/v1/vectors/index/{name}/delete",
    service: "vectord",
    id: "deleteItems",
    summary: "Removes items",
    description: "Ids that are not there are no error.",
    params,
    body: jsonBody(deleteItemsRequestSchema, { ids: ["r-1"] }),
    answers: { 200: jsonAnswer("How many there were, and are left.", deleteItemsResultSchema) },
    errors: [...indexErrors, "invalid_vector", "vectors_busy", ...storeErrors],
  },
];
