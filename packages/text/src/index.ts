export { fold, wordsOf } from "./words.ts";
