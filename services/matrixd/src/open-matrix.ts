import { EmbedClient, VectorClient } from "@lakehouse/clients";
import type { Platform } from "@lakehouse/server";
import type { MatrixdDependencies } from "./app.ts";
import { Corpora } from "./corpora.ts";
import { DowngradePolicy } from "./downgrade.ts";
import { Embedder } from "./embedder.ts";
import { MatrixSearch } from "./matrix-search.ts";
import { MatrixMetrics } from "./metrics.ts";
import { PlaybookLift } from "./playbooks/playbook-lift.ts";
import { Playbooks } from "./playbooks/playbooks.ts";
import { RelevanceFilter } from "./relevance/relevance-filter.ts";

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
