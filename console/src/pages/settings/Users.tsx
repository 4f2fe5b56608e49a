// The people of the organization: invites, roles, removal.
import { Button, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconUserPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { after, api, changed, KEEP, SHOWN } from '../../api/client';
import { onFields } from '../../api/problem';
import type { UserView } from '../../api/schema';
import { useMay, useSession } from '../../app/useSession';
import { actionColumn, column, Named } from '../../components/columns';
import { DataTable } from '../../components/DataTable';
import { Dialog } from '../../components/Dialog';
import { DialogForm, ShownOnce } from '../../components/forms';
import { RemoveButton } from '../../components/RemoveButton';
import { StateBadge } from '../../components/StateBadge';
import { Empty } from '../../components/states';
import { words } from '../../lib/format';
import { usePaging } from '../../lib/paging';

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
  const query = api.useQuery('get', '/api/users', { params: { query: { limit: 25, cursor: paging.cursor } } }, KEEP);
  const save = api.useMutation('patch', '/api/users/{id}', after('The role is changed.', 'users'));
  const remove = api.useMutation('delete', '/api/users/{id}', after(null, 'users'));
  const may = (user: UserView) => admin && user.id !== self.id && (owner || user.role !== 'OWNER');

  return (
    <Stack>
      {admin && (
        <Button style={{ alignSelf: 'flex-start' }} leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setInviting(true)}>
          Invite someone
        </Button>
      )}
      <DataTable<UserView>
        label="People"
        query={query}
        paging={paging}
        empty={<Empty title="Nobody" />}
        columns={[
          column('Name', ({ id, name, email }) => (
            <Named note={email}>
              {name} {id === self.id && '(you)'}
            </Named>
          )),
          column('Role', (user) =>
            may(user) ? (
              <Select
                aria-label={`Role of ${user.name}`}
                size="xs"
                w={130}
                allowDeselect={false}
                data={ROLES.filter(({ value }) => owner || value !== 'OWNER').map(({ value }) => ({ value, label: words(value) }))}
                value={user.role}
                onChange={(role) => role && save.mutate({ params: { path: { id: user.id } }, body: { role: role } })}
              />
            ) : (
              words(user.role)
            ),
          ),
          column('Status', ({ status }) => <StateBadge state={status} />, { wide: true }),
          actionColumn((user) => may(user) && <RemoveButton name={user.name} text="Their sessions end at once." onConfirm={() => remove.mutate({ params: { path: { id: user.id } } })} />),
        ]}
      />
      {inviting && <Invite owner={owner} onClose={() => setInviting(false)} />}
    </Stack>
  );
}

function Invite({ owner, onClose }: { owner: boolean; onClose: () => void }) {
  const form = useForm({ mode: 'uncontrolled', initialValues: { name: '', email: '', role: 'MEMBER' as Role } });
  const [url, setUrl] = useState<string>();
  const invite = api.useMutation('post', '/api/users', SHOWN);
  const onSuccess = (answer: { inviteUrl?: string | null }) => {
    setUrl(answer.inviteUrl ?? '');
    void changed('users');
  };
  const submit = form.onSubmit((body) => invite.mutate({ body }, { onSuccess, onError: onFields(form, { user_exists: 'email' }) }));
  return (
    <Dialog onClose={onClose} title="Invite someone">
      {url ? (
        <ShownOnce label="Invite link" value={url} about="Pass this link on. It works once, within seven days, and is shown only now." onClose={onClose} />
      ) : (
        <DialogForm onSubmit={submit} onClose={onClose} pending={invite.isPending} label="Invite">
          <TextInput label="Name" required data-autofocus key={form.key('name')} {...form.getInputProps('name')} />
          <TextInput label="E-mail address" type="email" required key={form.key('email')} {...form.getInputProps('email')} />
          <Select label="Role" data={ROLES.filter(({ value }) => owner || value !== 'OWNER')} allowDeselect={false} key={form.key('role')} {...form.getInputProps('role')} />
        </DialogForm>
      )}
    </Dialog>
  );
}
