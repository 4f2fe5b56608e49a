// The groups.
import { Button } from '@mantine/core';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import { useState } from 'react';
import { api, KEEP } from '../api/client';
import type { Group } from '../api/schema';
import { useMay } from '../app/useSession';
import { column, Named, whenColumn } from '../components/columns';
import { DataTable } from '../components/DataTable';
import { GroupForm } from '../components/GroupForm';
import { AnchorLink } from '../components/links';
import { Page } from '../components/Page';
import { Empty } from '../components/states';
import { number } from '../lib/format';
import { usePaging } from '../lib/paging';

const columns: ColumnDef<Group>[] = [
  column('Name', ({ id, name, description }) => (
    <Named note={description}>
      <AnchorLink to="/groups/$id" params={{ id }} c="inherit" inherit>
        {name}
      </AnchorLink>
    </Named>
  )),
  column('Contacts', ({ contactCount }) => number(contactCount), { numeric: true }),
  whenColumn('Changed', ({ updatedAt }) => updatedAt),
];

export default function Groups() {
  const navigate = useNavigate();
  const may = useMay('MEMBER');
  const [making, setMaking] = useState(false);
  const paging = usePaging('groups');
  const query = api.useQuery('get', '/api/groups', { params: { query: { limit: 25, cursor: paging.cursor } } }, KEEP);
  const create = may && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
      New group
    </Button>
  );
  const empty = (
    <Empty icon={IconUsersGroup} title="No groups yet" action={create}>
      A group is an audience: customers, parents, members. A contact may be in several.
    </Empty>
  );
  return (
    <Page title="Groups" about="Whom a message goes to." actions={create}>
      <DataTable label="Groups" columns={columns} query={query} paging={paging} opens empty={empty} />
      {making && <GroupForm onClose={() => setMaking(false)} onMade={({ id }) => void navigate({ to: '/groups/$id', params: { id } })} />}
    </Page>
  );
}
