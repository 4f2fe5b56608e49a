// The contacts: search, filters, and what to do with those that are selected.
import { Button, CloseButton, Group, Menu, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconAddressBook, IconChevronDown, IconClipboardText, IconDownload, IconFileImport, IconPlus, IconSearch, IconTrash } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { RowSelectionState } from '@tanstack/react-table';
import { useState } from 'react';
import { api, changed, download } from '../api/client';
import { showDone, showProblem } from '../api/problem';
import { useMay } from '../app/useSession';
import { confirm } from '../components/confirm';
import { contactColumns } from '../components/contactColumns';
import { ContactForm } from '../components/ContactForm';
import { DataTable } from '../components/DataTable';
import { Page } from '../components/Page';
import { PasteContacts } from '../components/PasteContacts';
import { Empty } from '../components/states';
import { useGroups } from '../components/useGroups';
import { number } from '../lib/format';
import { usePaging } from '../lib/paging';
import { ButtonLink } from '../components/links';

export default function Contacts() {
  const filters = useSearch({ from: '/inside/contacts' });
  const navigate = useNavigate({ from: '/contacts' });
  const paging = usePaging(filters);
  const may = useMay('MEMBER');
  const { options } = useGroups();
  const [open, setOpen] = useState<'new' | 'paste'>();
  const [selection, setSelection] = useState<RowSelectionState>({});
  const [search, setSearch] = useState(filters.search ?? '');
  const [tag, setTag] = useState(filters.tag ?? '');
  const filter = (change: Partial<typeof filters>) => {
    setSelection({});
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  };
  const later = useDebouncedCallback(filter, 300);
  const query = api.useQuery(
    'get',
    '/api/contacts',
    { params: { query: { ...filters, limit: 25, cursor: paging.cursor } } },
    { placeholderData: (before) => before },
  );
  const selected = Object.keys(selection);

  const add = api.useMutation('post', '/api/groups/{id}/contacts', {
    onSuccess: (answer) => {
      showDone(`${number(answer.added)} added, ${number(answer.skipped)} were in the group.`);
      setSelection({});
      void changed('groups', 'dashboard');
    },
  });
  const remove = api.useMutation('delete', '/api/contacts/{id}');
  const removeSelected = () =>
    confirm(`Delete ${number(selected.length)} contacts?`, 'They leave all groups. What was sent to them stays in the history.', 'Delete', () => {
      void Promise.allSettled(selected.map((id) => remove.mutateAsync({ params: { path: { id } } }))).then(() => {
        setSelection({});
        return changed('contacts', 'groups', 'dashboard');
      });
    });
  const keep = (format: 'csv' | 'xlsx') => {
    const chosen = new URLSearchParams({ format });
    if (filters.groupId) chosen.set('groupId', filters.groupId);
    if (filters.tag) chosen.set('tag', filters.tag);
    download(`/api/contacts/export?${chosen}`, `contacts.${format}`).catch(showProblem);
  };
  const filtered = !!(filters.search || filters.tag || filters.groupId);

  return (
    <Page
      title="Contacts"
      about="Everyone you can reach."
      actions={
        <>
          <Menu>
            <Menu.Target>
              <Button variant="default" rightSection={<IconChevronDown size={15} aria-hidden />} leftSection={<IconDownload size={16} aria-hidden />}>
                Export
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => keep('xlsx')}>Excel (.xlsx)</Menu.Item>
              <Menu.Item onClick={() => keep('csv')}>Text (.csv)</Menu.Item>
            </Menu.Dropdown>
          </Menu>
          {may && (
            <>
              <Button variant="default" leftSection={<IconClipboardText size={16} aria-hidden />} onClick={() => setOpen('paste')}>
                Paste
              </Button>
              <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpen('new')}>
                New contact
              </Button>
            </>
          )}
        </>
      }
    >
      <DataTable
        label="Contacts"
        columns={contactColumns}
        query={query}
        paging={paging}
        id={(contact) => contact.id}
        name={(contact) => contact.name ?? contact.phone ?? contact.email ?? contact.id}
        onOpen={({ id }) => void navigate({ to: '/contacts/$id', params: { id } })}
        selection={selection}
        onSelection={may ? setSelection : undefined}
        bar={
          selected.length > 0 ? (
            <Group gap="sm">
              <Text size="sm" fw={600}>
                {number(selected.length)} selected
              </Text>
              <Select
                aria-label="Add to a group"
                placeholder="Add to a group"
                size="xs"
                data={options}
                value={null}
                searchable
                onChange={(id) => id && add.mutate({ params: { path: { id } }, body: { contactIds: selected } })}
              />
              <ButtonLink size="xs" to="/messages/new" search={{ to: selected.join(',') }}>
                Send a message
              </ButtonLink>
              <Button size="xs" color="red" variant="light" leftSection={<IconTrash size={14} aria-hidden />} onClick={removeSelected}>
                Delete
              </Button>
              <Button size="xs" variant="subtle" color="gray" onClick={() => setSelection({})}>
                Clear
              </Button>
            </Group>
          ) : (
            <Group gap="sm">
              <TextInput
                aria-label="Search by name, number or e-mail address"
                placeholder="Name, number or e-mail"
                leftSection={<IconSearch size={16} aria-hidden />}
                rightSection={search ? <CloseButton size="sm" aria-label="Clear the search" onClick={() => (setSearch(''), filter({ search: undefined }))} /> : null}
                value={search}
                onChange={(event) => {
                  setSearch(event.currentTarget.value);
                  later({ search: event.currentTarget.value || undefined });
                }}
                flex={1}
                miw={200}
              />
              <TextInput
                aria-label="Tag"
                placeholder="Tag"
                value={tag}
                w={130}
                onChange={(event) => {
                  setTag(event.currentTarget.value);
                  later({ tag: event.currentTarget.value || undefined });
                }}
              />
              <Select
                aria-label="Group"
                placeholder="Any group"
                data={options}
                value={filters.groupId ?? null}
                onChange={(groupId) => filter({ groupId: groupId ?? undefined })}
                clearable
                searchable
                w={190}
              />
            </Group>
          )
        }
        empty={
          filtered ? (
            <Empty icon={IconSearch} title="Nobody fits">
              Change the search or the filters.
            </Empty>
          ) : (
            <Empty
              icon={IconAddressBook}
              title="No contacts yet"
              action={
                may && (
                  <ButtonLink to="/imports" leftSection={<IconFileImport size={16} aria-hidden />}>
                    Import a spreadsheet
                  </ButtonLink>
                )
              }
            >
              Bring them from a spreadsheet, paste them, or make them one by one.
            </Empty>
          )
        }
      />
      {open === 'new' && <ContactForm groupId={filters.groupId} onClose={() => setOpen(undefined)} />}
      {open === 'paste' && <PasteContacts onClose={() => setOpen(undefined)} />}
    </Page>
  );
}
