// A list of deliveries; each opens beside it.
import { Anchor, Text } from '@mantine/core';
import type { ColumnDef } from '@tanstack/react-table';
import { useState, type ReactNode } from 'react';
import type { Delivery } from '../api/schema';
import { dateTime, words } from '../lib/format';
import { column, Dim } from './columns';
import { DataTable, type TableProps } from './DataTable';
import { DeliveryDrawer } from './DeliveryDrawer';
import { StateBadge } from './StateBadge';

interface Props extends Pick<TableProps<Delivery>, 'label' | 'query' | 'paging' | 'bar'> {
  empty: ReactNode;
  /** The one that is open, where the page keeps it. */
  shown?: string;
  onShow?: (id: string | undefined) => void;
}

function columns(open: (id: string) => void): ColumnDef<Delivery>[] {
  return [
    column('Recipient', ({ id, recipient }) => (
      <Anchor component="button" type="button" size="sm" fw={600} c="inherit" onClick={() => open(id)}>
        {recipient || '–'}
      </Anchor>
    )),
    column('Status', ({ status, reason }) => (
      <>
        <StateBadge state={status} />
        {reason && <Dim size="xs">{words(reason)}</Dim>}
      </>
    )),
    column(
      'Text',
      ({ body }) => (
        <Text size="sm" lineClamp={1} maw={360}>
          {body}
        </Text>
      ),
      { wide: true },
    ),
    column('When', ({ deliveredAt, sentAt, createdAt }) => <Dim nowrap>{dateTime(deliveredAt ?? sentAt ?? createdAt)}</Dim>, { numeric: true, wide: true }),
  ];
}

export function DeliveryTable({ shown, onShow, ...rest }: Props) {
  const [own, setOwn] = useState<string>();
  const show = onShow ?? setOwn;
  return (
    <>
      <DataTable columns={columns(show)} opens {...rest} />
      <DeliveryDrawer id={onShow ? shown : own} onClose={() => show(undefined)} />
    </>
  );
}
