// A list of the API as a table: columns by TanStack Table, looks by Mantine, one page at a time.
import { Card, Checkbox, Skeleton, Table, Text } from '@mantine/core';
import { getCoreRowModel, useReactTable, type ColumnDef, type ColumnDefTemplate, type RowData, type RowSelectionState } from '@tanstack/react-table';
import type { ReactNode } from 'react';
import type { Paging } from '../lib/paging';
import { Pager } from './Pager';
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

export interface TableProps<T> {
  label: string;
  columns: ColumnDef<T>[];
  query: { data?: { data: T[]; nextCursor?: string | null; total?: number | null }; error: unknown; isFetching: boolean; refetch: () => unknown };
  paging?: Paging;
  /** What tells rows apart; their `id` if left out. */
  id?: (row: T) => string;
  empty: ReactNode;
  /** Whether the whole row does what the first link or button in it does. */
  opens?: boolean;
  selection?: RowSelectionState;
  onSelection?: (selection: RowSelectionState) => void;
  /** How a checkbox calls its row. */
  name?: (row: T) => string;
  /** Above the rows: filters, or what to do with the selected ones. */
  bar?: ReactNode;
}

/** A cell's content. As an element of the table and not as a component of its own, it keeps its state when columns are made anew. */
function shown<P extends object>(template: ColumnDefTemplate<P> | undefined, context: P): ReactNode {
  return typeof template === 'function' ? (template(context) as ReactNode) : template;
}

function ownId(row: unknown): string {
  return (row as { id: string }).id;
}

export function DataTable<T>({ label, columns, query, paging, id = ownId, empty, opens, selection, onSelection, name, bar }: TableProps<T>) {
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
          <Table highlightOnHover={opens} aria-label={label} aria-busy={query.isFetching}>
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
                      {shown(column.columnDef.header, getContext())}
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
                  className={opens ? 'clickable' : undefined}
                  // The keyboard takes the link itself.
                  onClick={(event) => {
                    if (!opens || (event.target as HTMLElement).closest('a,button,input,label,[role=menu]')) return;
                    event.currentTarget.querySelector<HTMLElement>('a,button')?.click();
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
                      {shown(cell.column.columnDef.cell, cell.getContext())}
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
      {paging && rows && (rows.length > 0 || paging.page > 1) && <Pager paging={paging} next={next} total={total} p="sm" px="md" style={{ borderTop: '1px solid var(--line)' }} />}
    </Card>
  );
}
