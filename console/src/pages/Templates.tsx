// The templates: the organization's own, and those that come with the program.
import { Badge, SegmentedControl, Text } from '@mantine/core';
import { IconLock, IconPlus, IconTemplate } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import { useState } from 'react';
import { api } from '../api/client';
import type { Template } from '../api/schema';
import { useMay } from '../app/useSession';
import { DataTable } from '../components/DataTable';
import { Page } from '../components/Page';
import { Empty } from '../components/states';
import { words } from '../lib/format';
import { usePaging } from '../lib/paging';
import { AnchorLink, ButtonLink } from '../components/links';

const columns: ColumnDef<Template>[] = [
  {
    id: 'name',
    header: 'Name',
    cell: ({ row: { original } }) => (
      <>
        <AnchorLink to="/templates/$id" params={{ id: original.id }} c="inherit" fw={600} size="sm">
          {original.name}
        </AnchorLink>{' '}
        {!original.isCustom && <IconLock size={13} aria-label="Cannot be changed" style={{ verticalAlign: '-1px', opacity: 0.6 }} />}
        <Text size="xs" c="dimmed" lineClamp={1} maw={480}>
          {original.body}
        </Text>
      </>
    ),
  },
  { id: 'channel', header: 'Channel', meta: { wide: true }, cell: ({ row }) => <Badge color="gray">{row.original.channel}</Badge> },
  {
    id: 'event',
    header: 'For',
    cell: ({ row }) => (
      <Text size="sm" c="dimmed">
        {row.original.event ? words(row.original.event) : 'anything'}
      </Text>
    ),
  },
];

export default function Templates() {
  const navigate = useNavigate();
  const may = useMay('MEMBER');
  const [which, setWhich] = useState('all');
  const paging = usePaging(which);
  const query = api.useQuery(
    'get',
    '/api/templates',
    { params: { query: { limit: 25, cursor: paging.cursor, isCustom: which === 'all' ? undefined : which === 'own' } } },
    { placeholderData: (before) => before },
  );
  const create = may && (
    <ButtonLink to="/templates/$id" params={{ id: 'new' }} leftSection={<IconPlus size={16} aria-hidden />}>
      New template
    </ButtonLink>
  );
  return (
    <Page title="Templates" about="Texts to use again." actions={create}>
      <DataTable
        label="Templates"
        columns={columns}
        query={query}
        paging={paging}
        id={(template) => template.id}
        onOpen={({ id }) => void navigate({ to: '/templates/$id', params: { id } })}
        bar={
          <SegmentedControl
            aria-label="Which templates"
            size="xs"
            value={which}
            onChange={setWhich}
            data={[
              { value: 'all', label: 'All' },
              { value: 'own', label: 'That can be changed' },
              { value: 'locked', label: 'Locked' },
            ]}
          />
        }
        empty={
          <Empty icon={IconTemplate} title="No templates here" action={create}>
            A template is a text with variables, such as a reminder.
          </Empty>
        }
      />
    </Page>
  );
}
