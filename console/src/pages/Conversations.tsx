// What people wrote, a conversation each: the one in which something was last said first.
import { Badge, Text } from '@mantine/core';
import { IconMessages } from '@tabler/icons-react';
import type { ColumnDef } from '@tanstack/react-table';
import { api, KEEP } from '../api/client';
import type { Channel, Conversation } from '../api/schema';
import { column, Named, whenColumn } from '../components/columns';
import { DataTable } from '../components/DataTable';
import { Filters, FilterSelect, useFilters } from '../components/filters';
import { AnchorLink } from '../components/links';
import { Page } from '../components/Page';
import { Empty } from '../components/states';
import { CHANNEL_OPTIONS, CHANNELS } from '../lib/format';
import { usePaging } from '../lib/paging';

const columns: ColumnDef<Conversation>[] = [
  column('Who', ({ id, contactName, address }) => (
    <Named note={contactName && address}>
      <AnchorLink to="/conversations/$id" params={{ id }} c="inherit" inherit>
        {contactName ?? address}
      </AnchorLink>
    </Named>
  )),
  column('Last', ({ lastText, lastDirection }) => (
    <>
      {lastDirection === 'IN' && (
        <Badge color="orange" size="sm" mb={2}>
          Waits for an answer
        </Badge>
      )}
      <Text size="sm" lineClamp={1} maw={460} fw={lastDirection === 'IN' ? 600 : undefined} c={lastDirection === 'IN' ? undefined : 'dimmed'}>
        {lastDirection === 'OUT' && 'You: '}
        {lastText}
      </Text>
    </>
  )),
  column('Channel', ({ channel }) => <Badge color="gray">{CHANNELS[channel]}</Badge>, { wide: true }),
  whenColumn('When', ({ lastAt }) => lastAt),
];

export default function Conversations() {
  const {
    filters: { channel },
    change,
  } = useFilters();
  const paging = usePaging(channel);
  const query = api.useQuery(
    'get',
    '/api/conversations',
    { params: { query: { channel: channel as Channel | undefined, limit: 25, cursor: paging.cursor } } },
    { ...KEEP, refetchInterval: 15_000 },
  );
  const filters = (
    <Filters>
      <FilterSelect label="Channel" data={CHANNEL_OPTIONS} value={channel} onChange={(value) => change({ channel: value })} />
    </Filters>
  );
  const empty = (
    <Empty icon={IconMessages} title={channel ? 'Nobody wrote on this channel' : 'Nobody has written yet'}>
      What people answer to your messages comes here, once the provider knows the address for what comes in: it is on the provider’s page.
    </Empty>
  );
  return (
    <Page title="Conversations" about="What people wrote to you, and your answers.">
      <DataTable label="Conversations" columns={columns} query={query} paging={paging} opens bar={filters} empty={empty} />
    </Page>
  );
}
