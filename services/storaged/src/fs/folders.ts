import { realpathSync } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rmdir } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { errnoOf } from "./errors.ts";

/** Each try loses only to a concurrent delete that removes the folder we just made. */
const MOVE_TRIES_MAX = 16;

/**
 * Moves a finished file to its place under `root`, making folders as needed, and returns once that is durable.
 * Readers see the old file or the new one, never none. Where folders or files stand in the way: ENOTDIR, ENOTEMPTY.
 */
export async function moveIntoPlace(from: string, to: string, root: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await makeFolders(dirname(to), root);
      await rename(from, to);
      break;
    } catch (error) {
      const errno = errnoOf(error);
      if (tries === MOVE_TRIES_MAX || (errno !== "ENOENT" && errno !== "EISDIR")) throw error;
      if (errno === "EISDIR") await removeEmptyTree(to);
    }
  }
  await syncFolders(dirname(to), root);
}

/** Whether `folder` lies under `root` by its real path too, so that no symbolic link leads out of the store. */
export function isRealFolder(folder: string): boolean {
  return realpathSync.native(folder) === folder;
}

/** One folder after the other: `mkdir -p` would walk through a symbolic link. */
async function makeFolders(folder: string, root: string): Promise<void> {
  if (existsReally(folder)) return;
  let path = root;
  for (const segment of relative(root, folder).split(sep)) {
    path = join(path, segment);
    await makeFolder(path);
  }
}

function existsReally(folder: string): boolean {
  try {
    return isRealFolder(folder);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST" || !(await lstat(path)).isDirectory()) throw error;
  }
}

/** A folder that holds only folders is left over from a delete that a crash cut short: no object stands there. */
export async function removeEmptyTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) break; // rmdir will say ENOTEMPTY
    await removeEmptyTree(join(folder, entry.name));
  }
  await rmdir(folder);
}

/** Removes `folder` and its parents as far as they are empty; `root` stays. */
export async function pruneFolders(folder: string, root: string): Promise<void> {
  for (let path = folder; path !== root; path = dirname(path)) {
    try {
      await rmdir(path);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === "ENOTEMPTY" || errno === "EEXIST") return;
      if (errno !== "ENOENT") throw error; // ENOENT: a concurrent delete was faster
    }
  }
}

/**
 * Makes the entries of `folder` and of all folders up to `root` durable. The parents too, whoever made them: a concurrent
 * upload may have made one a moment ago and not have synced it yet.
 */
async function syncFolders(folder: string, root: string): Promise<void> {
  const folders = [root];
  for (let path = folder; path !== root; path = dirname(path)) folders.push(path);
  await Promise.all(folders.map(syncFolder));
}

export async function syncFolder(path: string): Promise<void> {
  try {
    await using handle = await open(path, "r");
    await handle.sync();
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error; // a concurrent delete emptied and removed it: nothing to keep
  }
}
