import type { Worker } from "./worker.ts";

const columns = [
  "worker_id",
  "first_name",
  "last_name",
  "role",
  "email",
  "phone",
  "city",
  "state",
  "zip",
  "skills",
  "certifications",
  "years_experience",
  "hourly_rate",
  "reliability",
  "availability",
  "last_active",
  "archetype",
  "resume_text",
] as const satisfies readonly (keyof Worker)[];

export function csvHeader(): string {
  return `${columns.join(",")}\n`;
}

export function csvRow(worker: Worker): string {
  let row = field(worker[columns[0]]);
  for (let index = 1; index < columns.length; index++) row += `,${field(worker[columns[index]!])}`;
  return `${row}\n`;
}

/** RFC 4180: quoted where a comma, quote or line end would otherwise be read as the file's own. */
function field(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
