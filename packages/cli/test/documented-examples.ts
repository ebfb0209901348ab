import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Example {
  /** A line of shell. */
  command: string;
  output: string;
}

/** The `console` blocks of a document, a command with what it prints each. */
export function examplesOf(document: string): Example[] {
  const blocks = [...read(document).matchAll(/^```console\n(.*?)^```$/gms)].map(([, block]) => block!);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((example) => {
        const end = example.indexOf("\n");
        return { command: example.slice(0, end), output: example.slice(end + 1) };
      }),
  );
}

/** Writes the files that a document shows as "```csv NAME" blocks. */
export async function writeFilesOf(document: string, folder: string): Promise<void> {
  for (const [, name, content] of read(document).matchAll(/^```csv (\S+)\n(.*?)^```$/gms)) {
    await writeFile(join(folder, name!), content!);
  }
}

/** Without what differs from run to run. */
export function steady(output: string): string {
  return output.replaceAll(/\d+(\.\d+)? m?s\b/g, "… ms").replaceAll(/request_id: \S+/g, "request_id: …");
}

function read(document: string): string {
  return readFileSync(join(import.meta.dirname, "../../..", document), "utf8");
}
