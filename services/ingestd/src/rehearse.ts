import { Conversion } from "./convert/conversion.ts";
import type { Spool } from "./spool.ts";

const CSV = "rehearsal\n1\n";

/**
 * Converts one line, so that a spool that can't be written or a converter that can't start is known at the start, and the code of
 * the converter's threads is compiled and cached before the first upload comes.
 */
export async function rehearse(spool: Spool): Promise<void> {
  await using files = await spool.open();
  const { csv, csvPath, parquetPath } = files;
  const wishes = { overrides: {}, registered: undefined };
  await using conversion = new Conversion({ csvPath, parquetPath, delimiter: ",".charCodeAt(0), wishes });
  await csv.append(Buffer.from(CSV));
  conversion.progress.finish((await csv.finish()).size);
  await conversion.contents;
}
