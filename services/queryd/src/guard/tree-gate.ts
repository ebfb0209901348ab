import { LakehouseError } from "@lakehouse/core";
import { foldName } from "../sql/fold-name.ts";
import { functionsElsewhere, isAllowedFunction, isAllowedTableFunction } from "./allowed-functions.ts";

/** Names that a statement may read, and what the gate says of the others. */
export interface NameLookup {
  /** The dataset of this name, whatever the case, as it is registered; undefined where it does not exist for the caller. */
  dataset(name: string): string | undefined;
  /** Whether the engine itself has a function of this name (in lower case): it is refused, rather than unknown. */
  isEngineFunction(name: string): boolean;
  /** Whether the engine itself has a table or view of this name (in lower case). */
  isEngineRelation(name: string): boolean;
}

type Node = Record<string, unknown>;
/** What a statement reads. */
export interface Reads {
  /** As registered. */
  datasets: ReadonlySet<string>;
  /** Whether it lists what is in the catalog: SHOW, information_schema. */
  listsCatalog: boolean;
}

/** CTEs that are visible, folded. */
type Scope = ReadonlySet<string>;

/**
 * Walks the parse tree of one SELECT, as `json_serialize_sql` gives it, and refuses whatever is not known to be harmless.
 * It fails closed: a kind of node that a newer parser brings is refused until it is added here.
 * @throws LakehouseError `statement_not_allowed`; `sql_error` for a table or function that does not exist
 */
export function gateTree(tree: unknown, names: NameLookup): Reads {
  const gate = new TreeGate(names);
  gate.walk(tree, new Set());
  return gate;
}

const expressionClasses = new Set([
  "BETWEEN",
  "CASE",
  "CAST",
  "COLLATE",
  "COLUMN_REF",
  "COMPARISON",
  "CONJUNCTION",
  "CONSTANT",
  "FUNCTION",
  "LAMBDA",
  "OPERATOR",
  "PARAMETER",
  "POSITIONAL_REFERENCE",
  "STAR",
  "SUBQUERY",
  "WINDOW",
]);

/** Query nodes, table references, modifiers and order terms without rules of their own. */
const plainTypes = new Set([
  "SELECT_NODE",
  "SET_OPERATION_NODE",
  "EMPTY",
  "EXPRESSION_LIST",
  "JOIN",
  "SUBQUERY",
  "ORDER_MODIFIER",
  "LIMIT_MODIFIER",
  "LIMIT_PERCENT_MODIFIER",
  "DISTINCT_MODIFIER",
  "ORDER_DEFAULT",
  "ASCENDING",
  "DESCENDING",
]);

/** SHOW without a dataset: lists of what is there, which name no file. */
const showables = new Set(['"tables"', '"databases"', "__show_tables_expanded"]);

class TreeGate implements Reads {
  readonly datasets = new Set<string>();
  listsCatalog = false;
  readonly #names: NameLookup;

  constructor(names: NameLookup) {
    this.#names = names;
  }

  walk(value: unknown, scope: Scope): void {
    if (Array.isArray(value)) {
      for (const one of value) this.walk(one, scope);
    } else if (typeof value === "object" && value !== null) {
      this.#node(value as Node, scope);
    }
  }

  #node(node: Node, scope: Scope): void {
    if (node["type"] === "RECURSIVE_CTE_NODE") this.#recursiveCte(node, scope);
    else if (node["type"] === "TABLE_FUNCTION") this.#tableFunction(node, scope);
    else this.#plainNode(node, scope);
  }

  #plainNode({ cte_map: ctes, ...node }: Node, scope: Scope): void {
    this.#check(node, scope);
    const inner = ctes === undefined ? scope : this.#defineCtes(ctes, scope);
    for (const child of Object.values(node)) this.walk(child, inner);
  }

  #check(node: Node, scope: Scope): void {
    const { class: className, type } = node;
    if (typeof className === "string") this.#expression(node, className);
    // The types of values and columns are objects themselves ({id, type_info}), or say so in their name.
    else if (typeof type === "string" && !/^[A-Z_]+_TYPE_INFO$/.test(type)) this.#reference(node, type, scope);
  }

  #expression(node: Node, className: string): void {
    if (!expressionClasses.has(className)) throw refused(`An expression of kind ${className} is not served.`);
    if (className === "FUNCTION" || className === "WINDOW") this.#scalarFunction(String(node["function_name"]));
  }

  #scalarFunction(name: string): void {
    // unnest() in a select list is not in the engine's list of scalar functions.
    if (isAllowedFunction(name) || foldName(name) === "unnest") return;
    const isElsewhere = functionsElsewhere.has(foldName(name));
    if (isElsewhere || this.#names.isEngineFunction(foldName(name)))
      throw refused(`The function ${name} is not served.`);
    throw unknownName(`Function with name ${name} does not exist!`);
  }

  #reference(node: Node, type: string, scope: Scope): void {
    if (type === "BASE_TABLE") this.#table(node, scope);
    else if (type === "SHOW_REF") this.#show(node);
    else if (type === "PIVOT") checkPivot(node);
    else if (!plainTypes.has(type)) throw refused(`A part of kind ${type} is not served.`);
  }

  /** A name after FROM that is none of these would be taken for a file's path. */
  #table(node: Node, scope: Scope): void {
    const [catalog, schema, table] = [node["catalog_name"], node["schema_name"], node["table_name"]].map(String);
    if (node["at_clause"] !== null) throw refused("AT is not served: datasets have one version.");
    if (schema === "" && catalog === "" && scope.has(foldName(table!))) return;
    if (isCatalogList(catalog!, schema!, table!)) {
      this.listsCatalog = true;
      return;
    }
    const dataset = isOwnSchema(catalog!, schema!) ? this.#names.dataset(table!) : undefined;
    if (dataset === undefined) throw this.#noTable(schema!, table!);
    this.datasets.add(dataset);
  }

  #noTable(schema: string, table: string): LakehouseError {
    const couldBeDataset = schema === "" && /^[\p{L}\p{N}_ -]+$/u.test(table);
    if (couldBeDataset && !this.#names.isEngineRelation(foldName(table))) {
      return unknownName(`Table with name ${table} does not exist!`);
    }
    return refused(`${JSON.stringify(table)} can't be read: only datasets can, by their names.`);
  }

  /** DESCRIBE and SUMMARIZE have a query: the walk judges what it reads. */
  #show(node: Node): void {
    checkShow(node);
    this.listsCatalog ||= node["query"] === null;
  }

  #tableFunction({ function: call, ...rest }: Node, scope: Scope): void {
    const { class: className, function_name: name, ...parts } = call as Node;
    if (className !== "FUNCTION") throw refused("A table function of this form is not served.");
    if (!isAllowedTableFunction(String(name))) throw refused(`The table function ${name} is not served.`);
    for (const child of [...Object.values(rest), ...Object.values(parts)]) this.walk(child, scope);
  }

  /** In order: a CTE sees those before it and, not being recursive, never itself. */
  #defineCtes(ctes: unknown, scope: Scope): Scope {
    const inner = new Set(scope);
    const { map } = ctes as { map: { key: string; value: Node }[] };
    for (const { key, value } of map) {
      assertPlainName(key);
      this.walk(value, inner);
      inner.add(foldName(key));
    }
    return inner;
  }

  /** Only the recursive side sees the CTE; in the other one its name would open a file. */
  #recursiveCte({ cte_map: ctes, left, right, ...rest }: Node, scope: Scope): void {
    const outer = ctes === undefined ? scope : this.#defineCtes(ctes, scope);
    const name = String(rest["cte_name"]);
    assertPlainName(name);
    this.walk(left, outer);
    this.walk(right, new Set([...outer, foldName(name)]));
    for (const child of Object.values(rest)) this.walk(child, outer);
  }
}

function checkShow(node: Node): void {
  const isOfDataset = node["query"] !== null;
  const isFromSchema = node["show_type"] === "SHOW_FROM";
  const allowed = isFromSchema
    ? isOwnSchema(String(node["catalog_name"]), String(node["schema_name"]))
    : isOfDataset || showables.has(String(node["table_name"]));
  if (!allowed) throw refused("Of SHOW, only TABLES, ALL TABLES and DATABASES are served.");
}

/** PIVOT over values that must first be looked up makes a type in the catalog; with `IN (…)` it does not. */
function checkPivot(node: Node): void {
  const isDynamic = (node["pivots"] as Node[]).some((pivot) => pivot["pivot_enum"] !== "");
  if (isDynamic) throw refused("PIVOT is served with its values named: ON column IN (…).");
}

function isOwnSchema(catalog: string, schema: string): boolean {
  return ["", "memory"].includes(foldName(catalog)) && ["", "main"].includes(foldName(schema));
}

/** `.views` would show the paths of objects. */
function isCatalogList(catalog: string, schema: string, table: string): boolean {
  if (foldName(schema) !== "information_schema") return false;
  return ["", "memory"].includes(foldName(catalog)) && ["tables", "columns"].includes(foldName(table));
}

/** Behind the scope rules, a second wall: a CTE is never called what DuckDB could open as a file. */
function assertPlainName(name: string): void {
  if (/[./\\:*?]/.test(name)) throw refused(`${JSON.stringify(name)} is no name for a CTE here.`);
}

function refused(message: string): LakehouseError {
  return new LakehouseError("statement_not_allowed", message);
}

/** In the engine's words, without asking it: what it does not know it would look for among files. */
function unknownName(sentence: string): LakehouseError {
  return new LakehouseError("sql_error", `Catalog Error: ${sentence}`, { details: { kind: "catalog" } });
}
