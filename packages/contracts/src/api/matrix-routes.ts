import type { ErrorCode } from "../errors.ts";
import {
  corpusListSchema,
  downgradeRequestSchema,
  downgradeSchema,
  matrixSearchRequestSchema,
  matrixSearchResultSchema,
  recordPlaybookRequestSchema,
  recordPlaybookResultSchema,
  relevanceRequestSchema,
  relevanceResultSchema,
} from "../matrix.ts";
import { jsonAnswer, jsonBody } from "./content.ts";
import { providerErrors, storeErrors } from "./errors.ts";
import type { ApiRoute } from "./route.ts";

const searchErrors = [
  "corpora_incomparable",
  "corpus_failed",
  "invalid_vector",
  ...providerErrors,
] as const satisfies ErrorCode[];

export const matrixRoutes: ApiRoute[] = [
  {
    method: "POST",
    path: "/v1/matrix/search",
    service: "matrixd",
    id: "searchMatrix",
    scope: "vectors:read",
    summary: "Finds what is nearest to a text or a vector in many indexes at once",
    description:
      "All corpora answer or none: one that fails fails the search, and is named. With `use_playbook` answers that served queries near this one are lifted.",
    body: jsonBody(matrixSearchRequestSchema, {
      query_text: "forklift operator in Chicago",
      corpora: ["resumes", "jobs"],
      k: 5,
      filter: { state: "IL" },
      use_playbook: true,
    }),
    answers: { 200: jsonAnswer("The nearest of all corpora.", matrixSearchResultSchema) },
    errors: searchErrors,
  },
  {
    method: "GET",
    path: "/v1/matrix/corpora",
    service: "matrixd",
    id: "listCorpora",
    scope: "vectors:read",
    summary: "Lists the indexes that can be searched together",
    answers: { 200: jsonAnswer("The indexes, by name.", corpusListSchema) },
    errors: ["not_loaded"],
  },
  {
    method: "POST",
    path: "/v1/matrix/relevance",
    service: "matrixd",
    id: "filterByRelevance",
    scope: "vectors:read",
    summary: "Keeps the chunks that are about a focus",
    description: "Chunks that only sit near the focus are dropped. Whatever else a chunk has comes back with it.",
    body: jsonBody(relevanceRequestSchema, {
      focus: "night shift bonus for warehouse workers",
      chunks: [
        { id: "c-1", text: "Warehouse workers get a bonus of 15 percent for each night shift." },
        { id: "c-2", text: "The warehouse has twelve loading docks." },
      ],
    }),
    answers: { 200: jsonAnswer("What was kept and what was dropped, in order.", relevanceResultSchema) },
    errors: [...providerErrors],
  },
  {
    method: "POST",
    path: "/v1/matrix/downgrade",
    service: "matrixd",
    id: "downgradeMatrix",
    scope: "vectors:read",
    summary: "Tells which corpora a model should see",
    description: "Models in `models.weak_models` get all of them, a strong one the most relevant one alone.",
    body: jsonBody(downgradeRequestSchema, {
      model: "cloud_strong",
      corpora: ["resumes", "jobs"],
      query_text: "forklift operator",
    }),
    answers: { 200: jsonAnswer("The corpora that are left.", downgradeSchema) },
    errors: searchErrors,
  },
  {
    method: "POST",
    path: "/v1/matrix/playbooks/record",
    service: "matrixd",
    id: "recordPlaybook",
    scope: "vectors:write",
    summary: "Remembers that an answer served a query",
    description: "The same answer to the same query again is brought up to date; a score of 0 takes the praise back.",
    body: jsonBody(recordPlaybookRequestSchema, {
      query_text: "forklift operator in Chicago",
      answer_id: "r-17",
      answer_corpus: "resumes",
      score: 1,
      tags: ["hired"],
    }),
    answers: { 200: jsonAnswer("It is remembered, and durable.", recordPlaybookResultSchema) },
    errors: [...providerErrors, "index_damaged", "not_loaded", "vectors_busy", ...storeErrors],
  },
];
