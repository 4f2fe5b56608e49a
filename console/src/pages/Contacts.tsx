// The contacts: search, filters, and what to do with those that are selected.
import { Button, Menu, Select } from '@mantine/core';
import { IconAddressBook, IconChevronDown, IconClipboardText, IconDownload, IconFileImport, IconPlus, IconSearch, IconTag, IconTrash } from '@tabler/icons-react';
import type { RowSelectionState } from '@tanstack/react-table';
import { useState } from 'react';
import { api, changed, download, KEEP } from '../api/client';
import { showDone, showProblem } from '../api/problem';
import { useMay } from '../app/useSession';
import { confirm } from '../components/confirm';
import { ContactForm } from '../components/ContactForm';
import { ContactTable } from '../components/ContactTable';
import { Filters, FilterSelect, SearchField, useFilters } from '../components/filters';
import { Page } from '../components/Page';
import { PasteContacts } from '../components/PasteContacts';
import { Empty } from '../components/states';
import { useGroups } from '../components/useGroups';
import { number } from '../lib/format';
import { usePaging } from '../lib/paging';
import { ButtonLink } from '../components/links';

export default function Contacts() {
  const {
    filters: { search, tag, groupId },
    change,
  } = useFilters();
  const paging = usePaging({ search, tag, groupId });
  const may = useMay('MEMBER');
  const { options } = useGroups();
  const [open, setOpen] = useState<'new' | 'paste'>();
  const [selection, setSelection] = useState<RowSelectionState>({});
  const filter = (some: Parameters<typeof change>[0]) => {
    setSelection({});
    change(some);
  };
  const query = api.useQuery('get', '/api/contacts', { params: { query: { search, tag, groupId, limit: 25, cursor: paging.cursor } } }, KEEP);
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
    if (groupId) chosen.set('groupId', groupId);
    if (tag) chosen.set('tag', tag);
    download(`/api/contacts/export?${chosen}`, `contacts.${format}`).catch(showProblem);
  };
  const filtered = !!(search || tag || groupId);

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
      <ContactTable
        label="Contacts"
        query={query}
        paging={paging}
        selection={selection}
        onSelection={setSelection}
        filters={
          <Filters>
            <SearchField label="Search by name, number or e-mail address" placeholder="Name, number or e-mail" value={search} onSearch={(text) => filter({ search: text })} />
            <SearchField label="Tag" placeholder="Tag" value={tag} onSearch={(text) => filter({ tag: text })} leftSection={<IconTag size={16} aria-hidden />} flex={undefined} miw={0} w={150} />
            <FilterSelect label="Group" data={options} value={groupId} onChange={(id) => filter({ groupId: id })} searchable w={190} />
          </Filters>
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
      >
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
      </ContactTable>
      {open === 'new' && <ContactForm groupId={groupId} onClose={() => setOpen(undefined)} />}
      {open === 'paste' && <PasteContacts onClose={() => setOpen(undefined)} />}
    </Page>
  );
}
