import { Conversion } from "./convert/conversion.ts";
import { ConversionThreads } from "./convert/conversion-threads.ts";
import type { Spool } from "./spool/spool.ts";

const CSV = "rehearsal\n1\n";

/**
 * Converts one line, so that a spool that can't be written or a thread that can't start is known before the service listens, and
 * the code of the threads is in the code cache. The thread of the rehearsal itself had to load a TypeScript compiler; it is not kept.
 */
export async function rehearse(spool: Spool): Promise<void> {
  const threads = new ConversionThreads();
  try {
    await convertOneLine(spool, threads);
  } finally {
    await threads.close();
  }
}

async function convertOneLine(spool: Spool, threads: ConversionThreads): Promise<void> {
  await using files = await spool.open();
  const { csv, csvPath, parquetPath } = files;
  const wishes = { overrides: {}, registered: undefined };
  await using conversion = new Conversion(threads, { csvPath, parquetPath, delimiter: ",".charCodeAt(0), wishes });
  await csv.append(Buffer.from(CSV));
  conversion.progress.finish((await csv.finish()).size);
  await conversion.contents;
}
