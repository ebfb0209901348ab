/** How fast more of the same word stops counting, and how much a long text counts less: the usual values. */
const K1 = 1.2;
const B = 0.75;

export interface Corpus {
  traces: number;
  /** In words. */
  meanLength: number;
}

/** Robertson's inverse document frequency in the form that is never negative. */
export function idfOf({ traces }: Corpus, tracesWithTerm: number): number {
  return Math.log(1 + (traces - tracesWithTerm + 0.5) / (tracesWithTerm + 0.5));
}

/** What a word that stands `count` times in a text of `length` words adds to its score. */
export function termScore(idf: number, count: number, length: number, { meanLength }: Corpus): number {
  return (idf * count * (K1 + 1)) / (count + K1 * (1 - B + (B * length) / meanLength));
}
