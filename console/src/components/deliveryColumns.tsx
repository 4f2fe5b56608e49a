// The columns of lists of deliveries.
import { Anchor, Text } from '@mantine/core';
import type { ColumnDef } from '@tanstack/react-table';
import type { Delivery } from '../api/schema';
import { dateTime, words } from '../lib/format';
import { StateBadge } from './StateBadge';

/** `link` leads from a delivery to itself; without it the recipient is plain text. */
export function deliveryColumns(link?: (delivery: Delivery) => void): ColumnDef<Delivery>[] {
  return [
    {
      id: 'recipient',
      header: 'Recipient',
      cell: ({ row: { original } }) =>
        link ? (
          <Anchor component="button" type="button" size="sm" fw={600} c="inherit" onClick={() => link(original)}>
            {original.recipient || '–'}
          </Anchor>
        ) : (
          <Text size="sm" fw={600}>
            {original.recipient || '–'}
          </Text>
        ),
    },
    {
      id: 'status',
      header: 'Status',
      cell: ({ row: { original } }) => (
        <>
          <StateBadge state={original.status} />
          {original.reason && (
            <Text size="xs" c="dimmed">
              {words(original.reason)}
            </Text>
          )}
        </>
      ),
    },
    {
      id: 'body',
      header: 'Text',
      meta: { wide: true },
      cell: ({ row: { original } }) => (
        <Text size="sm" lineClamp={1} maw={360}>
          {original.body}
        </Text>
      ),
    },
    {
      id: 'at',
      header: 'When',
      meta: { numeric: true, wide: true },
      cell: ({ row: { original } }) => (
        <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          {dateTime(original.deliveredAt ?? original.sentAt ?? original.createdAt)}
        </Text>
      ),
    },
  ];
}
