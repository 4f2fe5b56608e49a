// The groups.
import { Button, Text } from '@mantine/core';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import { useState } from 'react';
import { api } from '../api/client';
import type { Group } from '../api/schema';
import { useMay } from '../app/useSession';
import { DataTable } from '../components/DataTable';
import { GroupForm } from '../components/GroupForm';
import { Page } from '../components/Page';
import { Empty } from '../components/states';
import { number, relative } from '../lib/format';
import { usePaging } from '../lib/paging';
import { AnchorLink } from '../components/links';

const columns: ColumnDef<Group>[] = [
  {
    id: 'name',
    header: 'Name',
    cell: ({ row: { original } }) => (
      <>
        <AnchorLink to="/groups/$id" params={{ id: original.id }} c="inherit" fw={600} size="sm">
          {original.name}
        </AnchorLink>
        {original.description && (
          <Text size="xs" c="dimmed" lineClamp={1}>
            {original.description}
          </Text>
        )}
      </>
    ),
  },
  { id: 'count', header: 'Contacts', meta: { numeric: true }, cell: ({ row }) => number(row.original.contactCount) },
  {
    id: 'updated',
    header: 'Changed',
    meta: { numeric: true, wide: true },
    cell: ({ row }) => (
      <Text size="sm" c="dimmed">
        {relative(row.original.updatedAt)}
      </Text>
    ),
  },
];

export default function Groups() {
  const navigate = useNavigate();
  const may = useMay('MEMBER');
  const [making, setMaking] = useState(false);
  const paging = usePaging('groups');
  const query = api.useQuery(
    'get',
    '/api/groups',
    { params: { query: { limit: 25, cursor: paging.cursor } } },
    { placeholderData: (before) => before },
  );
  const create = may && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
      New group
    </Button>
  );
  return (
    <Page title="Groups" about="Whom a message goes to." actions={create}>
      <DataTable
        label="Groups"
        columns={columns}
        query={query}
        paging={paging}
        id={(group) => group.id}
        onOpen={({ id }) => void navigate({ to: '/groups/$id', params: { id } })}
        empty={
          <Empty icon={IconUsersGroup} title="No groups yet" action={create}>
            A group is an audience: customers, parents, members. A contact may be in several.
          </Empty>
        }
      />
      {making && <GroupForm onClose={() => setMaking(false)} onMade={({ id }) => void navigate({ to: '/groups/$id', params: { id } })} />}
    </Page>
  );
}
