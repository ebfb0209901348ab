/** Longest text of a type; a struct of many fields is long. */
export const COLUMN_TYPE_CHARACTERS_MAX = 65_536;
/** A parser that calls itself must end before its stack does, ours and the engine's. */
const NESTING_MAX = 32;
/** The engine makes room for 2,048 values of a column at once, however few there are. */
const ARRAY_VALUES_MAX = 4_096;
const DECIMAL_DIGITS_MAX = 38;

/** Every type of DuckDB without parts, under each of its names. */
const simpleTypes = new Set(
  `BIGINT INT64 INT8 LONG OID BIGNUM VARINT BIT BITSTRING BOOL BOOLEAN LOGICAL DATE DEC DECIMAL NUMERIC DOUBLE FLOAT8
  FLOAT FLOAT4 REAL UUID GUID HUGEINT INT128 INT INT32 INT4 INTEGER INTEGRAL SIGNED TINYINT INT1 SMALLINT INT16 INT2 SHORT
  INTERVAL TIME TIME_NS TIMETZ USMALLINT UINT16 UINTEGER UINT32 UBIGINT UINT64 UHUGEINT UINT128 UTINYINT UINT8
  BLOB BINARY BYTEA VARBINARY VARCHAR BPCHAR CHAR NVARCHAR STRING TEXT JSON GEOMETRY VARIANT
  TIMESTAMP DATETIME TIMESTAMP_US TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS TIMESTAMPTZ`.split(/\s+/),
);
const zonedTypes = new Set(["TIMESTAMP WITH TIME ZONE", "TIME WITH TIME ZONE"]);
const decimalTypes = new Set(["DEC", "DECIMAL", "NUMERIC"]);
const textTypes = new Set(["VARCHAR", "BPCHAR", "CHAR", "NVARCHAR", "STRING", "TEXT"]);

/**
 * Whether a text is the name of a type that a column can have, as DuckDB spells them: `BIGINT`, `DECIMAL(18,3)`, `INTEGER[]`,
 * `STRUCT(a BIGINT, "b c" VARCHAR[])`, `MAP(VARCHAR, DOUBLE)`. Such a text may go into SQL as it is; any other may not.
 */
export function isColumnType(text: string): boolean {
  if (text.length > COLUMN_TYPE_CHARACTERS_MAX) return false;
  const tokens = tokensOf(text);
  return tokens !== undefined && new TypeReader(tokens).readsAll();
}

/** A word, a quoted name, a number, or one of `( ) [ ] ,`. undefined where something else stands between them. */
function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  const pattern = / *([A-Za-z_][A-Za-z0-9_]*|"(?:[^"\0]|"")+"|\d{1,9}|[()[\],]) */y;
  while (pattern.lastIndex < text.length) {
    const [, token] = pattern.exec(text) ?? [];
    if (token === undefined) return undefined;
    tokens.push(token);
  }
  return tokens;
}

class TypeReader {
  readonly #tokens: readonly string[];
  #at = 0;
  #depth = 0;
  #arrayValues = 1;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  readsAll(): boolean {
    return this.#type() && this.#at === this.#tokens.length;
  }

  #type(): boolean {
    this.#depth += 1;
    if (this.#depth > NESTING_MAX || !this.#base()) return false;
    while (this.#takes("[")) if (!this.#dimension()) return false;
    this.#depth -= 1;
    return true;
  }

  #base(): boolean {
    const word = this.#next()?.toUpperCase() ?? "";
    if (word === "STRUCT" || word === "UNION") return this.#list(() => this.#field());
    if (word === "MAP") return this.#takes("(") && this.#type() && this.#takes(",") && this.#type() && this.#takes(")");
    const zoned = `${word} ${this.#tokens.slice(this.#at, this.#at + 3).join(" ")}`.toUpperCase();
    if (zonedTypes.has(zoned)) this.#at += 3;
    else if (!simpleTypes.has(word)) return false;
    if (decimalTypes.has(word)) return this.#digits();
    return !textTypes.has(word) || this.#length();
  }

  #field(): boolean {
    const name = this.#next();
    return name !== undefined && /^["A-Za-z_]/.test(name) && this.#type();
  }

  #list(element: () => boolean): boolean {
    if (!this.#takes("(")) return false;
    do if (!element()) return false;
    while (this.#takes(","));
    return this.#takes(")");
  }

  /** Behind `[`: a list, or an array of so many. */
  #dimension(): boolean {
    if (this.#takes("]")) return true;
    this.#arrayValues *= this.#number();
    return this.#arrayValues >= 1 && this.#arrayValues <= ARRAY_VALUES_MAX && this.#takes("]");
  }

  /** `(18)`, `(18,3)`, or nothing. */
  #digits(): boolean {
    if (!this.#takes("(")) return true;
    const precision = this.#number();
    const scale = this.#takes(",") ? this.#number() : 0;
    return precision >= 1 && precision <= DECIMAL_DIGITS_MAX && scale >= 0 && scale <= precision && this.#takes(")");
  }

  /** `(20)`, which DuckDB ignores, or nothing. */
  #length(): boolean {
    return !this.#takes("(") || (this.#number() >= 1 && this.#takes(")"));
  }

  /** NaN where the next token is not a number. */
  #number(): number {
    const token = this.#next() ?? "";
    return /^\d+$/.test(token) ? Number(token) : Number.NaN;
  }

  #takes(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  #next(): string | undefined {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    return token;
  }
}
