/** For scripts/bench/embed: the parts of an embedding, each to be timed alone. */
export { embedText } from "./hashing/embed-text.ts";
export { VectorCache, vectorKey } from "./vector-cache.ts";
export { renderVector } from "./vector-json.ts";
