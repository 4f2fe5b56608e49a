// The messages, newest first.
import { Group, Progress, Select, Text } from '@mantine/core';
import { IconMessage2, IconPencil } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import { api } from '../api/client';
import type { Message, MessageStatus } from '../api/schema';
import { useMay } from '../app/useSession';
import { DataTable } from '../components/DataTable';
import { Page } from '../components/Page';
import { StateBadge } from '../components/StateBadge';
import { Empty } from '../components/states';
import { number, relative, words } from '../lib/format';
import { usePaging } from '../lib/paging';
import { AnchorLink, ButtonLink } from '../components/links';

const STATES: MessageStatus[] = ['DRAFT', 'SCHEDULED', 'PENDING', 'SENDING', 'PAUSED', 'SENT', 'FAILED', 'CANCELLED'];

const columns: ColumnDef<Message>[] = [
  {
    id: 'title',
    header: 'Message',
    cell: ({ row: { original } }) => (
      <>
        <AnchorLink to="/messages/$id" params={{ id: original.id }} c="inherit" fw={600} size="sm" lineClamp={1}>
          {original.title}
        </AnchorLink>
        <Text size="xs" c="dimmed" lineClamp={1} maw={420}>
          {original.body}
        </Text>
      </>
    ),
  },
  { id: 'status', header: 'Status', cell: ({ row }) => <StateBadge state={row.original.status} /> },
  { id: 'recipients', header: 'Recipients', meta: { numeric: true, wide: true }, cell: ({ row }) => number(row.original.recipientCount) },
  {
    id: 'progress',
    header: 'Reached',
    meta: { wide: true, width: 130 },
    cell: ({
      row: {
        original: { counts },
      },
    }) => {
      const reached = counts.sent + counts.delivered + counts.read;
      return (
        <>
          <Progress value={counts.total ? (100 * reached) / counts.total : 0} color="teal" size="sm" aria-label="Reached" />
          <Text size="xs" c="dimmed">
            {number(reached)} of {number(counts.total)}
          </Text>
        </>
      );
    },
  },
  {
    id: 'when',
    header: 'When',
    meta: { numeric: true },
    cell: ({ row: { original } }) => (
      <Text size="sm" c="dimmed">
        {relative(original.sentAt ?? original.scheduledAt ?? original.createdAt)}
      </Text>
    ),
  },
];

export default function Messages() {
  const { status } = useSearch({ from: '/inside/messages' });
  const navigate = useNavigate({ from: '/messages' });
  const paging = usePaging(status);
  const may = useMay('MEMBER');
  const query = api.useQuery(
    'get',
    '/api/messages',
    { params: { query: { status: status as MessageStatus | undefined, limit: 25, cursor: paging.cursor } } },
    { placeholderData: (before) => before, refetchInterval: 15_000 },
  );
  const write = may && (
    <ButtonLink to="/messages/new" leftSection={<IconPencil size={16} aria-hidden />}>
      New message
    </ButtonLink>
  );
  return (
    <Page title="Messages" about="What was sent, what is on its way, and what waits for its time." actions={write}>
      <DataTable
        label="Messages"
        columns={columns}
        query={query}
        paging={paging}
        id={(message) => message.id}
        onOpen={({ id }) => void navigate({ to: '/messages/$id', params: { id } })}
        bar={
          <Group>
            <Select
              aria-label="Status"
              placeholder="Any status"
              data={STATES.map((value) => ({ value, label: words(value) }))}
              value={status ?? null}
              onChange={(value) => void navigate({ search: { status: value ?? undefined }, replace: true })}
              clearable
              w={180}
            />
          </Group>
        }
        empty={
          status ? (
            <Empty icon={IconMessage2} title="No such messages" />
          ) : (
            <Empty icon={IconMessage2} title="No messages yet" action={write}>
              Write the first one: to a group, to some contacts, or to one number.
            </Empty>
          )
        }
      />
    </Page>
  );
}
