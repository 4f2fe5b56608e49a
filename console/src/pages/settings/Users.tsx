// The people of the organization: invites, roles, removal.
import { ActionIcon, Alert, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconTrash, IconUserPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { api, changed } from '../../api/client';
import { isProblem, onFields, showDone } from '../../api/problem';
import type { UserView } from '../../api/schema';
import { useMay, useSession } from '../../app/useSession';
import { confirm } from '../../components/confirm';
import { CopyField } from '../../components/CopyField';
import { DataTable } from '../../components/DataTable';
import { StateBadge } from '../../components/StateBadge';
import { Empty } from '../../components/states';
import { words } from '../../lib/format';
import { usePaging } from '../../lib/paging';
import { Dialog } from '../../components/Dialog';

type Role = UserView['role'];
const ABOUT: Record<Role, string> = {
  VIEWER: 'reads everything',
  MEMBER: 'also writes contacts, templates and messages',
  ADMIN: 'also providers, people and settings',
  OWNER: 'everything',
};
const ROLES = (Object.keys(ABOUT) as Role[]).map((value) => ({ value, label: `${words(value)}: ${ABOUT[value]}` }));

export function Users() {
  const admin = useMay('ADMIN');
  const owner = useMay('OWNER');
  const { user: self } = useSession();
  const [inviting, setInviting] = useState(false);
  const paging = usePaging('users');
  const query = api.useQuery('get', '/api/users', { params: { query: { limit: 25, cursor: paging.cursor } } });
  const save = api.useMutation('patch', '/api/users/{id}', {
    onSuccess: () => {
      showDone('The role is changed.');
      void changed('users');
    },
  });
  const remove = api.useMutation('delete', '/api/users/{id}', { onSuccess: () => changed('users') });
  const may = (user: UserView) => admin && user.id !== self.id && (owner || user.role !== 'OWNER');

  return (
    <Stack>
      {admin && (
        <Button style={{ alignSelf: 'flex-start' }} leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setInviting(true)}>
          Invite someone
        </Button>
      )}
      <DataTable
        label="People"
        query={query}
        paging={paging}
        id={(user) => user.id}
        empty={<Empty title="Nobody" />}
        columns={[
          {
            id: 'name',
            header: 'Name',
            cell: ({ row: { original } }) => (
              <>
                <Text size="sm" fw={600}>
                  {original.name} {original.id === self.id && '(you)'}
                </Text>
                <Text size="xs" c="dimmed">
                  {original.email}
                </Text>
              </>
            ),
          },
          {
            id: 'role',
            header: 'Role',
            cell: ({ row: { original } }) =>
              may(original) ? (
                <Select
                  aria-label={`Role of ${original.name}`}
                  size="xs"
                  w={130}
                  allowDeselect={false}
                  data={ROLES.filter(({ value }) => owner || value !== 'OWNER').map(({ value }) => ({ value, label: words(value) }))}
                  value={original.role}
                  onChange={(role) => role && save.mutate({ params: { path: { id: original.id } }, body: { role: role } })}
                />
              ) : (
                words(original.role)
              ),
          },
          { id: 'status', header: 'Status', meta: { wide: true }, cell: ({ row }) => <StateBadge state={row.original.status} /> },
          {
            id: 'remove',
            header: '',
            meta: { width: 50 },
            cell: ({ row: { original } }) =>
              may(original) && (
                <ActionIcon
                  aria-label={`Remove ${original.name}`}
                  onClick={() => confirm(`Remove ${original.name}?`, 'Their sessions end at once.', 'Remove', () => remove.mutate({ params: { path: { id: original.id } } }))}
                >
                  <IconTrash size={16} aria-hidden />
                </ActionIcon>
              ),
          },
        ]}
      />
      {inviting && <Invite owner={owner} onClose={() => setInviting(false)} />}
    </Stack>
  );
}

function Invite({ owner, onClose }: { owner: boolean; onClose: () => void }) {
  const form = useForm({ mode: 'uncontrolled', initialValues: { name: '', email: '', role: 'MEMBER' as Role } });
  const [url, setUrl] = useState<string>();
  const invite = api.useMutation('post', '/api/users', { meta: { shown: true } });
  const submit = form.onSubmit((body) =>
    invite.mutate(
      { body },
      {
        onSuccess: (answer) => {
          setUrl(answer.inviteUrl ?? '');
          void changed('users');
        },
        onError: (error) => {
          if (isProblem(error) && error.code === 'user_exists') form.setFieldError('email', error.detail);
          else onFields(form, ['name', 'email', 'role'])(error);
        },
      },
    ),
  );
  return (
    <Dialog onClose={onClose} title="Invite someone">
      {url ? (
        <Stack>
          <Alert color="teal" role="status">
            Pass this link on. It works once, within seven days, and is shown only now.
          </Alert>
          <CopyField label="Invite link" value={url} />
          <Button onClick={onClose}>Done</Button>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <TextInput label="Name" required data-autofocus key={form.key('name')} {...form.getInputProps('name')} />
            <TextInput label="E-mail address" type="email" required key={form.key('email')} {...form.getInputProps('email')} />
            <Select label="Role" data={ROLES.filter(({ value }) => owner || value !== 'OWNER')} allowDeselect={false} key={form.key('role')} {...form.getInputProps('role')} />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={invite.isPending}>
                Invite
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}
