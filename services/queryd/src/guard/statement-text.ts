/**
 * The little that is read from SQL as text, before DuckDB parses it: where the statement begins and ends, and the prefix
 * of an EXPLAIN. Nothing here decides what is safe: what this cuts out is what the gate parses and what then runs, so a
 * mistake can only make a statement fail.
 */

const explainFormats = ["text", "json", "yaml", "html", "graphviz", "mermaid"] as const;
type ExplainFormat = (typeof explainFormats)[number];

export interface Explain {
  analyze: boolean;
  format: ExplainFormat;
}

export interface StatementText {
  /** The statement without EXPLAIN, without the semicolons and comments around it. */
  sql: string;
  /** Undefined where the statement is no EXPLAIN; "unknown" where its options are none that we know. */
  explain: Explain | "unknown" | undefined;
}

interface Token {
  kind: "blank" | "word" | "other";
  text: string;
  start: number;
  end: number;
}

export function readStatementText(sql: string): StatementText {
  const tokens = trimmed([...tokensOf(sql)]);
  const rest = afterExplain(tokens);
  if (rest === undefined) return { sql: textOf(sql, tokens), explain: undefined };
  return { sql: textOf(sql, trimmed(rest.tokens)), explain: rest.explain };
}

/** The first word of a statement, in capitals, for a message. */
export function firstWord(sql: string): string | undefined {
  for (const { kind, text } of tokensOf(sql)) if (kind === "word") return text.toUpperCase();
  return undefined;
}

function textOf(sql: string, tokens: Token[]): string {
  return sql.slice(tokens.at(0)?.start ?? 0, tokens.at(-1)?.end ?? 0);
}

/** Without semicolons, blanks and comments at both ends. */
function trimmed(tokens: Token[]): Token[] {
  const matters = ({ kind, text }: Token) => kind !== "blank" && text !== ";";
  const first = tokens.findIndex(matters);
  return first === -1 ? [] : tokens.slice(first, tokens.findLastIndex(matters) + 1);
}

/** What stands behind EXPLAIN [ANALYZE] [(ANALYZE, FORMAT json)]; undefined where the statement begins otherwise. */
function afterExplain(tokens: Token[]): { tokens: Token[]; explain: Explain | "unknown" } | undefined {
  if (!isWord(tokens[0], "explain")) return undefined;
  const explain: Explain = { analyze: false, format: "text" };
  let rest = trimmed(tokens.slice(1));
  if (isWord(rest[0], "analyze")) {
    explain.analyze = true;
    rest = trimmed(rest.slice(1));
  }
  const options = optionList(rest);
  if (options === undefined) return { tokens: rest, explain };
  const understood = options.words.every((option) => applyOption(option, explain));
  return { tokens: rest.slice(options.length), explain: understood ? explain : "unknown" };
}

/** `(ANALYZE, FORMAT json)` as lists of words, and how many tokens that took. A parenthesis may as well open a query. */
function optionList(tokens: Token[]): { words: string[][]; length: number } | undefined {
  if (tokens[0]?.text !== "(") return undefined;
  const significant = tokens.slice(1).filter(({ kind }) => kind !== "blank");
  if (!isWord(significant[0], "analyze") && !isWord(significant[0], "format")) return undefined;
  const close = tokens.findIndex(({ text }) => text === ")");
  if (close === -1) return undefined;
  const inside = tokens.slice(1, close).filter(({ kind }) => kind !== "blank");
  return { words: splitAtCommas(inside), length: close + 1 };
}

function splitAtCommas(tokens: Token[]): string[][] {
  const lists: string[][] = [[]];
  for (const { text } of tokens) {
    if (text === ",") lists.push([]);
    else lists.at(-1)!.push(text.toLowerCase().replace(/^'(.*)'$/s, "$1"));
  }
  return lists;
}

function applyOption([name, value, ...more]: string[], explain: Explain): boolean {
  if (more.length > 0) return false;
  if (name === "analyze" && (value === undefined || value === "true")) {
    explain.analyze = true;
    return true;
  }
  const format = explainFormats.find((known) => known === value);
  if (name !== "format" || format === undefined) return false;
  explain.format = format;
  return true;
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === "word" && token.text.toLowerCase() === word;
}

// As DuckDB's scanner: E'…' knows backslashes, '' and "" stand for one quote, $tag$…$tag$ quotes anything.
const quoted = /e'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([a-z_][a-z0-9_]*)?\$.*?\$\1\$/isuy;
const word = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const blank = /\s+|--[^\n]*/uy;

function* tokensOf(sql: string): Generator<Token, void> {
  for (let start = 0; start < sql.length; ) {
    const comment = sql.startsWith("/*", start) ? commentEnd(sql, start) : start;
    const [kind, end] = comment > start ? (["blank", comment] as const) : tokenAt(sql, start);
    yield { kind, text: sql.slice(start, end), start, end };
    start = end;
  }
}

function tokenAt(sql: string, start: number): readonly [Token["kind"], number] {
  const candidates = [
    ["blank", blank],
    ["other", quoted],
    ["word", word],
  ] as const;
  for (const [kind, pattern] of candidates) {
    pattern.lastIndex = start;
    if (pattern.test(sql)) return [kind, pattern.lastIndex];
  }
  return ["other", start + 1];
}

/** Block comments nest. One that never ends is left to the parser. */
function commentEnd(sql: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let match = mark.exec(sql); match; match = mark.exec(sql)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return start;
}
