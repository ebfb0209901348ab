import { isFunctionWord, wordWeight } from "./common-words.ts";
import { addFeature, addFeatureTwice, hashStep, hashText, startOfGrams, startOfTerms } from "./feature-hash.ts";
import { wordsOf } from "./words.ts";

const GRAM_LENGTH_MIN = 3;
const GRAM_LENGTH_MAX = 5;

/** How much a gram counts, by its length: short ones are in too many words. */
const gramWeights = [0, 0, 0, 0.5, 1, 1];

/** A text opens with what it is about: its first word counts twice, and this many words on, one and a half times. */
const LEAD_WORDS = 16;

/**
 * The vector of a text: its words, the pairs of neighbours among them and their character 3- to 5-grams, each weighted by how much it
 * says, its count dampened, added with a sign of its own at a place of its own; the sum levelled and brought to length 1. The same on
 * any machine: nothing but IEEE 754 sums, products and roots, and V8's own logarithm. How the weights were found, and what they are
 * worth, is in docs/decisions/0008-hashing-embedder.md. A change to any of them makes other vectors, so the model's name changes too.
 */
export function embedText(text: string, dimension: number): Float32Array {
  const sums = new Float64Array(dimension);
  for (const [term, { weight, count, isWord }] of termsOf(wordsOf(text))) {
    const dampened = weight * (1 + Math.log(count));
    addFeatureTwice(sums, hashText(startOfTerms, term), dampened);
    if (isWord) addGrams(sums, `<${term}>`, dampened);
  }
  return levelledUnit(sums) ?? onlyFeature(text, dimension);
}

interface Term {
  weight: number;
  count: number;
  isWord: boolean;
}

/** Words, and pairs of them over the function words between, in order. A pair holds a space, so it is no word. */
function termsOf(words: readonly string[]): Map<string, Term> {
  const terms = new Map<string, Term>();
  let previous = "";
  for (const [position, word] of words.entries()) {
    const lead = 1 + LEAD_WORDS / (LEAD_WORDS + position);
    const weight = wordWeight(word);
    countTerm(terms, word, lead * weight, true);
    if (isFunctionWord(word)) continue;
    if (previous !== "") countTerm(terms, `${previous} ${word}`, lead * Math.min(wordWeight(previous), weight), false);
    previous = word;
  }
  return terms;
}

function countTerm(terms: Map<string, Term>, term: string, weight: number, isWord: boolean): void {
  const known = terms.get(term);
  if (known) known.count += 1;
  else terms.set(term, { weight, count: 1, isWord });
}

/** What a misspelt or inflected word is still found by. All grams of a word together weigh as much as the word, however long it is. */
function addGrams(sums: Float64Array, marked: string, weight: number): void {
  const each = weight / gramsLength(marked.length);
  for (let start = 0; start + GRAM_LENGTH_MIN <= marked.length; start++) {
    let hash = startOfGrams;
    const longest = Math.min(GRAM_LENGTH_MAX, marked.length - start);
    for (let length = 1; length <= longest; length++) {
      hash = hashStep(hash, marked.charCodeAt(start + length - 1));
      if (length >= GRAM_LENGTH_MIN) addFeature(sums, hash, each * gramWeights[length]!);
    }
  }
}

/** Euclidean length of the grams of a word of so many characters, as if no two of them were the same. */
function gramsLength(characters: number): number {
  let squares = 0;
  for (let length = GRAM_LENGTH_MIN; length <= Math.min(GRAM_LENGTH_MAX, characters); length++) {
    squares += (characters - length + 1) * gramWeights[length]! ** 2;
  }
  return Math.sqrt(squares);
}

/**
 * Each number's signed root, brought to length 1: what a few heavy features would drown is heard again (power normalisation, Perronnin et
 * al. 2010). The squares of the roots are the sums' sizes, so their total is the length squared.
 * @returns undefined where all sums are 0
 */
function levelledUnit(sums: Float64Array): Float32Array | undefined {
  let total = 0;
  for (let place = 0; place < sums.length; place++) total += Math.abs(sums[place]!);
  if (total === 0) return undefined;
  const vector = new Float32Array(sums.length);
  for (let place = 0; place < sums.length; place++) {
    const sum = sums[place]!;
    if (sum !== 0) vector[place] = Math.sign(sum) * Math.sqrt(Math.abs(sum) / total);
  }
  return vector;
}

/** A text without words (`!?`), or whose features cancel out to the last: its spelling as a whole is its one feature. */
function onlyFeature(text: string, dimension: number): Float32Array {
  const sums = new Float64Array(dimension);
  addFeature(sums, hashText(startOfTerms, text), 1);
  return new Float32Array(sums);
}
