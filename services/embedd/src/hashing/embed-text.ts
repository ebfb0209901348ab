import { wordsOf } from "@lakehouse/text";
import { FUNCTION_WORD_WEIGHT, wordWeight } from "./common-words.ts";
import { addFeature, addFeatureTwice, hashStep, hashText, startOfGrams, startOfTerms } from "./feature-hash.ts";

const GRAM_LENGTH_MIN = 3;
const GRAM_LENGTH_MAX = 5;

/** How much a gram counts, by its length: short ones are in too many words. */
const gramWeights = [0, 0, 0, 0.5, 1, 1];

/** A text opens with what it is about: its first word counts twice, and this many words on, one and a half times. */
const LEAD_WORDS = 16;

const SPACE = 0x20;
const LESS_THAN = 0x3c;
const GREATER_THAN = 0x3e;

/**
 * The vector of a text: its words, the pairs of neighbours among them and their character 3- to 5-grams, each weighted by how much it
 * says, its count dampened, added with a sign of its own at a place of its own; the sum levelled and brought to length 1. The same on
 * any machine: nothing but IEEE 754 sums, products and roots, and V8's own logarithm. How the weights were found, and what they are
 * worth, is in docs/decisions/0008-hashing-embedder.md. A change to any of them makes other vectors, so the model's name changes too.
 */
export function embedText(text: string, dimension: number): Float32Array {
  const sums = new Float64Array(dimension);
  for (const { hash, word, weight, count } of termsOf(wordsOf(text))) {
    const dampened = weight * (1 + Math.log(count));
    addFeatureTwice(sums, hash, dampened);
    if (word !== "") addGrams(sums, word, dampened);
  }
  return levelledUnit(sums) ?? onlyFeature(text, dimension);
}

interface Term {
  /** Empty for a pair, which is never spelled out: to make a string costs more than to hash its letters. */
  word: string;
  hash: number;
  weight: number;
  count: number;
}

interface WordTerm extends Term {
  /** Of the word, where it came first. */
  position: number;
  /** Without what its position adds. */
  bareWeight: number;
}

/** Words, and pairs of them over the function words between, in the order in which they come first. */
function termsOf(words: readonly string[]): Term[] {
  const terms: Term[] = [];
  const wordTerms = new Map<string, WordTerm>();
  const pairTerms = new Map<number, Term>();
  let previous: WordTerm | undefined;
  for (let position = 0; position < words.length; position++) {
    const word = words[position]!;
    let term = wordTerms.get(word);
    if (term) term.count += 1;
    else {
      term = wordTerm(word, position);
      wordTerms.set(word, term);
      terms.push(term);
    }
    if (term.bareWeight === FUNCTION_WORD_WEIGHT) continue;
    if (previous) {
      const key = previous.position * words.length + term.position;
      const pair = pairTerms.get(key);
      if (pair) pair.count += 1;
      else {
        const fresh = pairTerm(previous, term, position);
        pairTerms.set(key, fresh);
        terms.push(fresh);
      }
    }
    previous = term;
  }
  return terms;
}

function wordTerm(word: string, position: number): WordTerm {
  const bareWeight = wordWeight(word);
  const weight = lead(position) * bareWeight;
  return { word, hash: hashText(startOfTerms, word), weight, count: 1, position, bareWeight };
}

/** Hashed as its words with a space between, so it is no word. */
function pairTerm(first: WordTerm, second: WordTerm, position: number): Term {
  const hash = hashText(hashStep(first.hash, SPACE), second.word);
  const weight = lead(position) * Math.min(first.bareWeight, second.bareWeight);
  return { word: "", hash, weight, count: 1 };
}

function lead(position: number): number {
  return 1 + LEAD_WORDS / (LEAD_WORDS + position);
}

/**
 * What a misspelt or inflected word is still found by: the grams of `<word>`. All grams of a word together weigh as much as the word,
 * however long it is.
 */
function addGrams(sums: Float64Array, word: string, weight: number): void {
  const marked = word.length + 2;
  const each = weight / gramsLength(marked);
  for (let start = 0; start + GRAM_LENGTH_MIN <= marked; start++) {
    let hash = startOfGrams;
    const longest = Math.min(GRAM_LENGTH_MAX, marked - start);
    for (let length = 1; length <= longest; length++) {
      hash = hashStep(hash, markedUnit(word, start + length - 1));
      if (length >= GRAM_LENGTH_MIN) addFeature(sums, hash, each * gramWeights[length]!);
    }
  }
}

/** The UTF-16 unit at a place of `<word>`. */
function markedUnit(word: string, place: number): number {
  if (place === 0) return LESS_THAN;
  return place > word.length ? GREATER_THAN : word.charCodeAt(place - 1);
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
    vector[place] = Math.sign(sum) * Math.sqrt(Math.abs(sum) / total);
  }
  return vector;
}

/** A text without words (`!?`), or whose features cancel out to the last: its spelling as a whole is its one feature. */
function onlyFeature(text: string, dimension: number): Float32Array {
  const sums = new Float64Array(dimension);
  addFeature(sums, hashText(startOfTerms, text), 1);
  return new Float32Array(sums);
}
