// The messages, newest first.
import { Progress, Text } from '@mantine/core';
import { IconMessage2, IconPencil } from '@tabler/icons-react';
import type { ColumnDef } from '@tanstack/react-table';
import { api, KEEP } from '../api/client';
import type { Channel, Message, MessageStatus } from '../api/schema';
import { useMay } from '../app/useSession';
import { column, Named, whenColumn } from '../components/columns';
import { DataTable } from '../components/DataTable';
import { DaysFilter, period } from '../components/DaysFilter';
import { Filters, FilterSelect, useFilters } from '../components/filters';
import { AnchorLink, ButtonLink } from '../components/links';
import { Page } from '../components/Page';
import { StateBadge } from '../components/StateBadge';
import { Empty } from '../components/states';
import { CHANNEL_OPTIONS, number, options } from '../lib/format';
import { usePaging } from '../lib/paging';

const STATES: MessageStatus[] = ['DRAFT', 'SCHEDULED', 'PENDING', 'SENDING', 'PAUSED', 'SENT', 'FAILED', 'CANCELLED'];

const columns: ColumnDef<Message>[] = [
  column('Message', ({ id, title, body }) => (
    <Named note={body}>
      <AnchorLink to="/messages/$id" params={{ id }} c="inherit" inherit lineClamp={1}>
        {title}
      </AnchorLink>
    </Named>
  )),
  column('Status', ({ status }) => <StateBadge state={status} />),
  column('Recipients', ({ recipientCount }) => number(recipientCount), { numeric: true, wide: true }),
  column(
    'Reached',
    ({ counts }) => {
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
    { wide: true, width: 130 },
  ),
  whenColumn('When', ({ sentAt, scheduledAt, createdAt }) => sentAt ?? scheduledAt ?? createdAt, false),
];

export default function Messages() {
  const {
    filters: { status, channel, from, to },
    change,
  } = useFilters();
  const asked = { status: status as MessageStatus | undefined, channel: channel as Channel | undefined, ...period({ from, to }) };
  const paging = usePaging(asked);
  const may = useMay('MEMBER');
  const query = api.useQuery('get', '/api/messages', { params: { query: { ...asked, limit: 25, cursor: paging.cursor } } }, { ...KEEP, refetchInterval: 15_000 });
  const write = may && (
    <ButtonLink to="/messages/new" leftSection={<IconPencil size={16} aria-hidden />}>
      New message
    </ButtonLink>
  );
  const filters = (
    <Filters>
      <FilterSelect label="Status" data={options(STATES)} value={status} onChange={(value) => change({ status: value })} />
      <FilterSelect label="Channel" data={CHANNEL_OPTIONS} value={channel} onChange={(value) => change({ channel: value })} />
      <DaysFilter from={from} to={to} onChange={change} />
    </Filters>
  );
  const empty =
    status || channel || from || to ? (
      <Empty icon={IconMessage2} title="No such messages">
        Change the filters.
      </Empty>
    ) : (
      <Empty icon={IconMessage2} title="No messages yet" action={write}>
        Write the first one: to a group, to some contacts, or to one number.
      </Empty>
    );
  return (
    <Page title="Messages" about="What was sent, what is on its way, and what waits for its time." actions={write}>
      <DataTable label="Messages" columns={columns} query={query} paging={paging} opens bar={filters} empty={empty} />
    </Page>
  );
}
