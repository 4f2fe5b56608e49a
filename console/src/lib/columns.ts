// The columns of a file that is imported, as people choose them: what each holds, column by column.
import type { ImportColumns, ImportColumnsChoice } from '../api/schema';

const SINGLE = ['phone', 'email', 'tags', 'timezone'] as const;

export type Role = 'name' | (typeof SINGLE)[number] | 'attribute' | 'none';

export interface Chosen {
  role: Role;
  /** Of an attribute; what it would be called, of the others. */
  key: string;
}

/** `A` for 0, as spreadsheets count columns. */
export function columnLetter(column: number): string {
  return column < 26 ? String.fromCharCode(65 + column) : columnLetter(Math.floor(column / 26) - 1) + columnLetter(column % 26);
}

/** What each column of the file holds. */
export function rolesOf(columns: ImportColumns): Chosen[] {
  return columns.headings.map((heading, column) => {
    const attribute = Object.entries(columns.attributes).find(([, at]) => at === column)?.[0];
    const key = attribute ?? (heading || `Column ${columnLetter(column)}`);
    if (columns.name.includes(column)) return { role: 'name', key };
    const single = SINGLE.find((name) => columns[name] === column);
    return { role: single ?? (attribute === undefined ? 'none' : 'attribute'), key };
  });
}

/** What the API is to be told. Of two columns for what can be in one, the first. */
export function toColumns(chosen: Chosen[]): ImportColumnsChoice {
  const at = (role: Role) => chosen.flatMap((one, column) => (one.role === role ? [column] : []));
  return {
    name: at('name'),
    ...Object.fromEntries(SINGLE.map((role) => [role, at(role)[0] ?? null])),
    attributes: Object.fromEntries(at('attribute').map((column) => [chosen[column]!.key.trim(), column])),
  };
}
