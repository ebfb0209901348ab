import { createHash } from "node:crypto";

const PREFIX = "_playbooks.";
const MODEL_LENGTH_MAX = 64;
const DIGEST_LENGTH = 8;

/**
 * Where playbooks of one embedding model are kept. Vectors of two models don't compare, not even where they have as many numbers, so
 * a change of model begins a new memory, and a change back finds the old one.
 */
export function playbookIndexName(model: string, dimension: number): string {
  const readable = model.replace(/[^A-Za-z0-9_.-]+/g, "-").slice(0, MODEL_LENGTH_MAX);
  return `${PREFIX}${readable}.${dimension}.${digest(model).slice(0, DIGEST_LENGTH)}`;
}

/** Whether an index is matrixd's own rather than a corpus. */
export function isPlaybookIndex(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** The same answer to the same query is the same playbook. */
export function playbookId(query: string, corpus: string, answer: string): string {
  return digest(JSON.stringify([query, corpus, answer]));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
