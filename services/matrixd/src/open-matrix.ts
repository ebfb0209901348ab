import { EmbedClient, VectorClient } from "@lakehouse/clients";
import type { Platform } from "@lakehouse/server";
import type { MatrixdDependencies } from "./app.ts";
import { DowngradePolicy } from "./downgrade.ts";
import { MatrixSearch } from "./matrix-search.ts";
import { PlaybookLift } from "./playbooks/playbook-lift.ts";
import { Playbooks } from "./playbooks/playbooks.ts";
import { RelevanceFilter } from "./relevance/relevance-filter.ts";
import { Corpora } from "./retrieval/corpora.ts";
import { Embedder } from "./retrieval/embedder.ts";
import { MatrixMetrics } from "./retrieval/metrics.ts";

/** The two peers, and all that is built on them. */
export function openMatrix({ config, registry, token }: Platform): MatrixdDependencies {
  const { embedd_url, vectord_url, playbook_max_distance: maxDistance } = config.matrixd;
  const deadlineMs = config.server.request_timeout;
  const embed = new EmbedClient({ baseUrl: embedd_url, token, timeoutMs: deadlineMs });
  const vectors = new VectorClient({ baseUrl: vectord_url, token, timeoutMs: deadlineMs });
  const metrics = new MatrixMetrics(registry);
  const embedder = new Embedder(embed);
  const corpora = new Corpora(vectors, metrics);
  const playbooks = new Playbooks({ vectors, embedder, maxDistance, metrics });
  const playbookLift = new PlaybookLift(corpora, metrics);
  const downgradePolicy = new DowngradePolicy(config.models);
  const search = new MatrixSearch({ corpora, embedder, playbooks, playbookLift, downgradePolicy, deadlineMs });
  const relevance = new RelevanceFilter(embedder, metrics);
  return { embed, vectors, search, corpora, relevance, playbooks };
}
