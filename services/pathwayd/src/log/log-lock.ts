import { DatabaseSync } from "node:sqlite";

const SQLITE_BUSY = 5;

/**
 * Keeps a log to one process. Node has no file locks of its own; SQLite, which it carries, takes one of the kernel's: it ends with
 * the process however that ends, and holds between containers that share the folder. The file next to the log stays empty.
 * @throws Error where another process has the log
 */
export function lockLog(logPath: string): Disposable {
  const database = new DatabaseSync(`${logPath}.lock`);
  try {
    database.exec("PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new Error(`the log ${logPath} is in use by another pathwayd`, { cause: error });
  }
  return { [Symbol.dispose]: () => database.close() };
}
