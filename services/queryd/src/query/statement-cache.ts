import { LRUCache } from "lru-cache";
import { type Parameters, parameterType } from "../engine/parameters.ts";
import type { ResultColumn } from "../engine/result-columns.ts";
import type { VettedStatement } from "../guard/statement-guard.ts";
import type { Visibility } from "../views/visibility.ts";

const STATEMENTS_MAX = 1_000;
/** Longer statements are hardly sent twice. */
const CACHED_SQL_CHARACTERS_MAX = 10_000;

export interface KnownStatement {
  vetted: VettedStatement;
  columns: readonly ResultColumn[];
  /** True once an answer of it was small. */
  isSmall?: boolean;
}

/**
 * Keeps what the guard and the binder said of statements that were sent before. It holds as long as the views do not change:
 * to parse, vet and bind a statement takes longer than to run a small one.
 */
export class StatementCache {
  readonly #statements = new LRUCache<string, KnownStatement>({ max: STATEMENTS_MAX });
  #epoch = 0;

  /** Knows a statement by whoever sent it before, unless it reads a dataset that does not exist for this caller. */
  get(sql: string, parameters: Parameters, epoch: number, { sees }: Visibility): KnownStatement | undefined {
    this.#forgetBefore(epoch);
    const known = this.#statements.get(keyOf(sql, parameters));
    return known && [...known.vetted.datasets].every(sees) ? known : undefined;
  }

  set(sql: string, parameters: Parameters, epoch: number, known: KnownStatement): void {
    this.#forgetBefore(epoch);
    // Views that have changed meanwhile make what was learnt of them worthless.
    if (epoch === this.#epoch && sql.length <= CACHED_SQL_CHARACTERS_MAX)
      this.#statements.set(keyOf(sql, parameters), known);
  }

  /** Without parameters the answer is as small again, as long as the views do not change. */
  noteSmall(sql: string, parameters: Parameters): void {
    const known = parameters.length === 0 ? this.#statements.get(keyOf(sql, parameters)) : undefined;
    if (known) known.isSmall = true;
  }

  #forgetBefore(epoch: number): void {
    if (epoch <= this.#epoch) return;
    this.#statements.clear();
    this.#epoch = epoch;
  }
}

/** The types of parameters decide those of columns. */
function keyOf(sql: string, parameters: Parameters): string {
  return JSON.stringify([sql, parameters.map((value) => String(parameterType(value)))]);
}
