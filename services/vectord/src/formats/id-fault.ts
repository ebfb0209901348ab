import { ID_LENGTH_MAX } from "@lakehouse/contracts";

/** Why a text can't be an item's id; undefined where it can. */
export function idFault(id: string): string | undefined {
  const length = lengthOf(id);
  if (length < 1 || length > ID_LENGTH_MAX) return `its id is not of 1 to ${ID_LENGTH_MAX} characters`;
  return id.isWellFormed() ? undefined : "its id is not well-formed Unicode";
}

/** In characters, where counting can change the verdict: a character can take two code units. */
function lengthOf(id: string): number {
  return id.length <= ID_LENGTH_MAX || id.length > 2 * ID_LENGTH_MAX ? id.length : Array.from(id).length;
}
