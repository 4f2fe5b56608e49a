// One group: its members, and what to do with it.
import { Alert, Button, Menu, Stack, Text } from '@mantine/core';
import { IconChevronDown, IconFileImport, IconPencil, IconPlus, IconSend, IconUserMinus, IconUsersGroup } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import type { RowSelectionState } from '@tanstack/react-table';
import { useState } from 'react';
import { after, api, changed, KEEP } from '../api/client';
import { showDone } from '../api/problem';
import { useMay } from '../app/useSession';
import { DangerButton } from '../components/confirm';
import { ContactForm } from '../components/ContactForm';
import { ContactPicker } from '../components/ContactPicker';
import { ContactTable } from '../components/ContactTable';
import { GroupForm } from '../components/GroupForm';
import { Page } from '../components/Page';
import { Empty, Shown } from '../components/states';
import { counted, number } from '../lib/format';
import { usePaging } from '../lib/paging';
import { ButtonLink, MenuLink } from '../components/links';
import { Dialog } from '../components/Dialog';

export default function Group() {
  const { id } = useParams({ from: '/inside/groups/$id' });
  const navigate = useNavigate();
  const may = useMay('MEMBER');
  const [open, setOpen] = useState<'edit' | 'add' | 'new'>();
  const [selection, setSelection] = useState<RowSelectionState>({});
  const paging = usePaging(id);
  const query = api.useQuery('get', '/api/groups/{id}', { params: { path: { id } } });
  const members = api.useQuery('get', '/api/groups/{id}/contacts', { params: { path: { id }, query: { limit: 25, cursor: paging.cursor } } }, KEEP);
  const remove = api.useMutation('delete', '/api/groups/{id}', {
    onSuccess: async () => {
      showDone('The group is deleted.');
      await navigate({ to: '/groups' });
      void changed('groups', 'dashboard');
    },
  });
  const take = api.useMutation('delete', '/api/groups/{id}/contacts/{contactId}');
  const ask = api.useMutation('post', '/api/groups/{id}/confirmations', after('They are asked now.', 'groups', 'messages'));
  const selected = Object.keys(selection);
  const takeSelected = () =>
    void Promise.allSettled(selected.map((contactId) => take.mutateAsync({ params: { path: { id, contactId } } }))).then(() => {
      setSelection({});
      return changed('groups', 'contacts');
    });

  return (
    <Shown query={query}>
      {(group) => (
        <Page
          title={group.name}
          about={`${counted(group.contactCount, 'contact')}${group.pendingCount > 0 ? ` · ${number(group.pendingCount)} have not confirmed` : ''}${group.description ? ` · ${group.description}` : ''}`}
          back={{ to: '/groups', label: 'Groups' }}
          actions={
            may && (
              <>
                <Menu>
                  <Menu.Target>
                    <Button variant="default" rightSection={<IconChevronDown size={15} aria-hidden />}>
                      Add contacts
                    </Button>
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item leftSection={<IconUsersGroup size={16} aria-hidden />} onClick={() => setOpen('add')}>
                      From your contacts
                    </Menu.Item>
                    <MenuLink leftSection={<IconFileImport size={16} aria-hidden />} to="/imports" search={{ groupId: id }}>
                      From a spreadsheet
                    </MenuLink>
                    <Menu.Item leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpen('new')}>
                      A new one
                    </Menu.Item>
                  </Menu.Dropdown>
                </Menu>
                <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setOpen('edit')}>
                  Edit
                </Button>
                <DangerButton
                  title={`Delete ${group.name}?`}
                  text="Its contacts stay. Scheduled messages to it find nobody."
                  onConfirm={() => remove.mutate({ params: { path: { id } } })}
                />
                <ButtonLink leftSection={<IconSend size={16} aria-hidden />} to="/messages/new" search={{ to: id }}>
                  Send a message
                </ButtonLink>
              </>
            )
          }
        >
          {group.pendingCount > 0 && (
            <Alert color="orange" title={`${number(group.pendingCount)} ${group.pendingCount === 1 ? 'has' : 'have'} not confirmed yet`}>
              <Text size="sm" mb={may ? 'sm' : 0}>
                They get nothing that goes to this group until they do.
              </Text>
              {may && (
                <Button size="xs" variant="default" loading={ask.isPending} onClick={() => ask.mutate({ params: { path: { id } } })}>
                  Ask who was not asked yet
                </Button>
              )}
            </Alert>
          )}
          <ContactTable
            label="Members"
            query={members}
            paging={paging}
            selection={selection}
            onSelection={setSelection}
            empty={
              <Empty icon={IconUsersGroup} title="Nobody is in this group yet">
                Add contacts, or import a spreadsheet straight into it.
              </Empty>
            }
          >
            <Button size="xs" variant="light" color="red" leftSection={<IconUserMinus size={14} aria-hidden />} onClick={takeSelected}>
              Take out of the group
            </Button>
          </ContactTable>
          {open === 'edit' && <GroupForm group={group} onClose={() => setOpen(undefined)} />}
          {open === 'new' && <ContactForm groupId={id} onClose={() => setOpen(undefined)} />}
          {open === 'add' && <AddContacts id={id} onClose={() => setOpen(undefined)} />}
        </Page>
      )}
    </Shown>
  );
}

function AddContacts({ id, onClose }: { id: string; onClose: () => void }) {
  const [contactIds, setContactIds] = useState<string[]>([]);
  const add = api.useMutation('post', '/api/groups/{id}/contacts', {
    onSuccess: (answer) => {
      showDone(`${number(answer.added)} added, ${number(answer.skipped)} were there.`);
      void changed('groups', 'contacts', 'dashboard');
      onClose();
    },
  });
  return (
    <Dialog onClose={onClose} title="Add contacts">
      <Stack>
        <ContactPicker label="Contacts" value={contactIds} onChange={setContactIds} data-autofocus />
        <Button disabled={contactIds.length === 0} loading={add.isPending} onClick={() => add.mutate({ params: { path: { id } }, body: { contactIds } })}>
          Add
        </Button>
      </Stack>
    </Dialog>
  );
}
