// Columns of tables, and cells that many of them have.
import { Group, Text, type TextProps } from '@mantine/core';
import type { ColumnDef, ColumnMeta, RowData } from '@tanstack/react-table';
import type { ReactNode } from 'react';
import { relative } from '../lib/format';

/** A column of what `cell` shows of each row. */
export function column<T extends RowData>(header: string, cell: (row: T) => ReactNode, meta?: ColumnMeta<T, unknown>): ColumnDef<T> {
  return { id: header || 'actions', header, meta, cell: ({ row }) => cell(row.original) };
}

/** A column of times near now; left out on phones unless told otherwise. */
export function whenColumn<T extends RowData>(header: string, at: (row: T) => string | null | undefined, wide = true): ColumnDef<T> {
  return column<T>(header, (row) => <Dim nowrap>{relative(at(row))}</Dim>, { numeric: true, wide });
}

/** The last column: what can be done with a row. */
export function actionColumn<T extends RowData>(cell: (row: T) => ReactNode): ColumnDef<T> {
  return column<T>(
    '',
    (row) => (
      <Group gap={2} justify="flex-end" wrap="nowrap">
        {cell(row)}
      </Group>
    ),
    { width: 1 },
  );
}

/** What is to be read second. */
export function Dim({ nowrap, ...rest }: TextProps & { nowrap?: boolean; children?: ReactNode }) {
  return <Text size="sm" c="dimmed" style={nowrap ? { whiteSpace: 'nowrap' } : undefined} {...rest} />;
}

/** What a row is called, and below it a line that says more. */
export function Named({ note, children }: { note?: ReactNode; children: ReactNode }) {
  return (
    <>
      <Text size="sm" fw={600} component="div">
        {children}
      </Text>
      {note && (
        <Text size="xs" c="dimmed" lineClamp={1} maw={480}>
          {note}
        </Text>
      )}
    </>
  );
}
