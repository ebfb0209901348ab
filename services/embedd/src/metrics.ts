import { addCounters, addGauges, counted } from "@lakehouse/server";
import { Counter, Histogram, type Registry } from "prom-client";
import type { Embedder } from "./embedder.ts";
import type { EmbeddingProvider } from "./providers/embedding-provider.ts";

/** The same provider, its calls counted and timed. */
export function metered(provider: EmbeddingProvider, registry: Registry): EmbeddingProvider {
  const registers = [registry];
  const texts = new Counter({
    name: "embedd_provider_texts_total",
    help: "Texts that the provider was asked for.",
    registers,
  });
  const durations = new Histogram({
    name: "embedd_provider_call_duration_seconds",
    help: "Calls to the provider by outcome: ok, or the code of the error.",
    labelNames: ["outcome"],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  const embed: EmbeddingProvider["embed"] = (model, asked, context) => {
    const stop = durations.startTimer();
    texts.inc(asked.length);
    return counted(
      () => provider.embed(model, asked, context),
      (outcome) => stop({ outcome }),
      context.signal,
    );
  };
  const { name, defaultModel, dimension } = provider;
  return {
    name,
    defaultModel,
    ...(dimension === undefined ? {} : { dimension }),
    embed,
    ping: (context) => provider.ping(context),
    close: () => provider.close(),
  };
}

/** What the cache holds and found, and what waits, read when it is asked for. */
export function addStateGauges(registry: Registry, embedder: Embedder): void {
  addCounters(registry, {
    embedd_cache_hits_total: ["Texts found in the cache.", () => embedder.stats().hits],
    embedd_cache_misses_total: ["Texts not found in the cache.", () => embedder.stats().misses],
  });
  addGauges(registry, {
    embedd_cache_entries: ["Texts whose vectors are remembered.", () => embedder.stats().size],
    embedd_texts_waiting: ["Texts that wait for the provider.", () => embedder.waiting()],
  });
}
