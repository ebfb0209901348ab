import {
  type CorpusList,
  downgradeRequestSchema,
  matrixSearchRequestSchema,
  recordPlaybookRequestSchema,
  relevanceRequestSchema,
} from "@lakehouse/contracts";
import { parseRequest } from "@lakehouse/core";
import { requestContext } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import type { MatrixSearch } from "./matrix-search.ts";
import { isPlaybookIndex } from "./playbooks/playbook-index.ts";
import type { Playbooks } from "./playbooks/playbooks.ts";
import type { RelevanceFilter } from "./relevance/relevance-filter.ts";
import type { Corpora } from "./retrieval/corpora.ts";

export interface MatrixServices {
  search: MatrixSearch;
  corpora: Corpora;
  relevance: RelevanceFilter;
  playbooks: Playbooks;
}

export function addRoutes(app: FastifyInstance, { search, corpora, relevance, playbooks }: MatrixServices): void {
  app.post("/matrix/search", async (request, reply) => {
    const asked = parseRequest(matrixSearchRequestSchema, request.body);
    return search.search(asked, requestContext(request, reply));
  });

  app.get("/matrix/corpora", async (request, reply): Promise<CorpusList> => {
    const indexes = await corpora.list(requestContext(request, reply));
    // What is matrixd's own is no corpus of anybody's.
    const others = indexes.filter(({ name }) => !isPlaybookIndex(name));
    return { corpora: others, count: others.length };
  });

  app.post("/matrix/relevance", async (request, reply) => {
    const asked = parseRequest(relevanceRequestSchema, request.body);
    return relevance.filter(asked, requestContext(request, reply));
  });

  app.post("/matrix/downgrade", async (request, reply) => {
    const asked = parseRequest(downgradeRequestSchema, request.body);
    return search.downgrade(asked, requestContext(request, reply));
  });

  app.post("/matrix/playbooks/record", async (request, reply) => {
    const asked = parseRequest(recordPlaybookRequestSchema, request.body);
    return playbooks.record(asked, requestContext(request, reply));
  });
}
