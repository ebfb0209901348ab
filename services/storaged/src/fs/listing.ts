import { isUtf8 } from "node:buffer";
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isKey, isKeyPrefix } from "@lakehouse/core";
import { isAbsent } from "./errors.ts";
import { isRealFolder } from "./folders.ts";

/**
 * The keys under `root` that start with `prefix` and stand after `after`, in the order of their UTF-8 bytes. Lazy: a folder
 * is read when its turn comes, and one that can hold no such key is never read. Left out is what can't be an object:
 * symbolic links, sockets, names that are not UTF-8 or not a key.
 */
export async function* walkKeys(root: string, prefix: string, after: string): AsyncGenerator<string> {
  if (!isKeyPrefix(prefix)) return; // `../` above all
  const start = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  const isWanted = (entry: string) => canHold(entry, prefix) && standsAfter(entry, after);
  // Entries are keys, and folders with their slash at the end; the next one in order is the last of the stack.
  const pending = [start];
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    if (entry !== "" && !entry.endsWith("/")) yield entry;
    else for (const inner of (await readFolder(root, entry)).filter(isWanted).reverse()) pending.push(inner);
  }
}

function canHold(entry: string, prefix: string): boolean {
  return entry.startsWith(prefix) || (entry.endsWith("/") && prefix.startsWith(entry));
}

function standsAfter(entry: string, after: string): boolean {
  return after === "" || (entry.endsWith("/") && after.startsWith(entry)) || compareKeys(entry, after) > 0;
}

/** JavaScript compares UTF-16, where U+1F600 stands before U+FF5E. */
function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function readFolder(root: string, folder: string): Promise<string[]> {
  const path = join(root, folder.slice(0, -1));
  try {
    if (!(await isRealFolder(path))) return [];
    const entries = await readdir(path, { withFileTypes: true, encoding: "buffer" });
    return entries
      .flatMap(nameOf)
      .sort(Buffer.compare)
      .map((name) => folder + name)
      .filter(isListable);
  } catch (error) {
    if (isAbsent(error)) return []; // emptied and removed, or an object now
    throw error;
  }
}

const slash = Buffer.from("/");

/** A folder sorts as the keys in it do: with its slash. */
function nameOf(entry: Dirent<Buffer>): Buffer[] {
  if (!isUtf8(entry.name)) return [];
  if (entry.isDirectory()) return [Buffer.concat([entry.name, slash])];
  return entry.isFile() ? [entry.name] : [];
}

function isListable(entry: string): boolean {
  return isKey(entry.endsWith("/") ? entry.slice(0, -1) : entry);
}
