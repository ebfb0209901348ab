/** The one place where a name or a text becomes a part of SQL. */

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** NUL can't stand in SQL; nothing that we quote may hold one. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
