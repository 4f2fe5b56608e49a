// A list of the API as a table: columns by TanStack Table, looks by Mantine, one page at a time.
import { Button, Card, Checkbox, Group, Skeleton, Table, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { flexRender, getCoreRowModel, useReactTable, type ColumnDef, type RowData, type RowSelectionState } from '@tanstack/react-table';
import type { ReactNode } from 'react';
import type { Paging } from '../lib/paging';
import { number } from '../lib/format';
import { Failure } from './states';

declare module '@tanstack/react-table' {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- the parameters must be those of the interface that is extended
  interface ColumnMeta<TData extends RowData, TValue> {
    /** Right-aligned figures. */
    numeric?: boolean;
    /** Left out on phones. */
    wide?: boolean;
    width?: number | string;
  }
}

interface Props<T> {
  label: string;
  columns: ColumnDef<T>[];
  query: { data?: { data: T[]; nextCursor?: string | null; total?: number | null }; error: unknown; isFetching: boolean; refetch: () => unknown };
  paging?: Paging;
  id: (row: T) => string;
  empty: ReactNode;
  onOpen?: (row: T) => void;
  selection?: RowSelectionState;
  onSelection?: (selection: RowSelectionState) => void;
  /** How a checkbox calls its row. */
  name?: (row: T) => string;
  /** Above the rows: filters, or what to do with the selected ones. */
  bar?: ReactNode;
}

export function DataTable<T>({ label, columns, query, paging, id, empty, onOpen, selection, onSelection, name, bar }: Props<T>) {
  const rows = query.data?.data;
  // eslint-disable-next-line react-hooks/incompatible-library -- the table is made anew on each render of this component
  const table = useReactTable({
    data: rows ?? [],
    columns,
    getRowId: id,
    getCoreRowModel: getCoreRowModel(),
    state: { rowSelection: selection ?? {} },
    enableRowSelection: !!onSelection,
    onRowSelectionChange: (change) => onSelection?.(typeof change === 'function' ? change(selection ?? {}) : change),
  });
  const next = query.data?.nextCursor;
  const total = query.data?.total;

  return (
    <Card padding={0}>
      {bar && (
        <Card.Section inheritPadding p="md" withBorder>
          {bar}
        </Card.Section>
      )}
      {query.error && !rows ? (
        <div style={{ padding: '0 16px' }}>
          <Failure error={query.error} retry={() => void query.refetch()} />
        </div>
      ) : rows?.length === 0 && !paging?.cursor ? (
        empty
      ) : (
        <Table.ScrollContainer minWidth={320} type="native">
          <Table highlightOnHover={!!onOpen} aria-label={label} aria-busy={query.isFetching}>
            <Table.Thead>
              {table.getHeaderGroups().map((group) => (
                <Table.Tr key={group.id}>
                  {onSelection && (
                    <Table.Th w={44}>
                      <Checkbox
                        aria-label="Select all on this page"
                        checked={table.getIsAllRowsSelected() && !!rows?.length}
                        indeterminate={table.getIsSomeRowsSelected()}
                        onChange={table.getToggleAllRowsSelectedHandler()}
                      />
                    </Table.Th>
                  )}
                  {group.headers.map(({ id, column, getContext }) => (
                    <Table.Th
                      key={id}
                      className={column.columnDef.meta?.numeric ? 'numeric' : undefined}
                      visibleFrom={column.columnDef.meta?.wide ? 'sm' : undefined}
                      w={column.columnDef.meta?.width}
                      c="dimmed"
                      fz="xs"
                      fw={600}
                    >
                      {flexRender(column.columnDef.header, getContext())}
                    </Table.Th>
                  ))}
                </Table.Tr>
              ))}
            </Table.Thead>
            <Table.Tbody>
              {!rows &&
                Array.from({ length: 8 }, (_, line) => (
                  <Table.Tr key={line}>
                    {onSelection && <Table.Td />}
                    {columns.map((column, index) => (
                      <Table.Td key={index} visibleFrom={column.meta?.wide ? 'sm' : undefined}>
                        <Skeleton height={22} />
                      </Table.Td>
                    ))}
                  </Table.Tr>
                ))}
              {table.getRowModel().rows.map((row) => (
                <Table.Tr
                  key={row.id}
                  className={onOpen ? 'clickable' : undefined}
                  // The keyboard opens the row by the link in its first column.
                  onClick={(event) => {
                    if (onOpen && !(event.target as HTMLElement).closest('a,button,input,label,[role=menu]')) onOpen(row.original);
                  }}
                >
                  {onSelection && (
                    <Table.Td>
                      <Checkbox
                        aria-label={`Select ${name?.(row.original) ?? row.id}`}
                        checked={row.getIsSelected()}
                        onChange={row.getToggleSelectedHandler()}
                      />
                    </Table.Td>
                  )}
                  {row.getVisibleCells().map((cell) => (
                    <Table.Td
                      key={cell.id}
                      className={cell.column.columnDef.meta?.numeric ? 'numeric' : undefined}
                      visibleFrom={cell.column.columnDef.meta?.wide ? 'sm' : undefined}
                    >
                      {flexRender(cell.column.columnDef.cell, cell.getContext())}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
              {rows?.length === 0 && (
                <Table.Tr>
                  <Table.Td colSpan={99}>
                    <Text c="dimmed" size="sm" ta="center">
                      Nothing on this page.
                    </Text>
                  </Table.Td>
                </Table.Tr>
              )}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {paging && (next || paging.page > 1 || total != null) && rows?.length !== undefined && (rows.length > 0 || paging.page > 1) && (
        <Group justify="space-between" p="sm" px="md" style={{ borderTop: '1px solid var(--line)' }}>
          <Text size="sm" c="dimmed" aria-live="polite">
            {total != null ? `${number(total)} in all · ` : ''}page {paging.page}
          </Text>
          <Group gap="xs">
            <Button
              size="xs"
              variant="default"
              leftSection={<IconChevronLeft size={14} aria-hidden />}
              disabled={paging.page === 1}
              onClick={paging.previous}
            >
              Back
            </Button>
            <Button
              size="xs"
              variant="default"
              rightSection={<IconChevronRight size={14} aria-hidden />}
              disabled={!next}
              onClick={() => next && paging.next(next)}
            >
              Next
            </Button>
          </Group>
        </Group>
      )}
    </Card>
  );
}
