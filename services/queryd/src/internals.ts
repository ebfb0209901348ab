/** For scripts/tools/docs: the functions that a query may call. */
export { allowedFunctionPrefixes, allowedFunctions, allowedTableFunctions } from "./guard/allowed-functions.ts";
