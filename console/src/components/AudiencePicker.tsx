// Whom a message goes to: groups, contacts, and numbers or addresses as they are typed, all in one field.
import { Loader, MultiSelect, type MultiSelectProps } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { api } from '../api/client';
import { number } from '../lib/format';
import { useGroups } from './useGroups';

interface Props extends Omit<MultiSelectProps, 'data' | 'value' | 'onChange'> {
  value?: string[];
  onChange?: (recipients: string[]) => void;
}

/** What may be an address: the server decides. */
const NUMBER = /^\+?[\d\s().-]{6,20}$/;
const EMAIL = /^\S+@\S+\.\S+$/;

/** The fields of a request that say whom it goes to. */
export function audience(recipients: string[]) {
  const groups = recipients.every((one) => one.startsWith('grp_'));
  const [only] = recipients;
  if (groups && recipients.length === 1) return { recipientType: 'GROUP' as const, recipientId: only };
  if (groups) return { recipientType: 'GROUP' as const, recipients };
  return { recipientType: 'MIXED' as const, recipients };
}

export function AudiencePicker({ value = [], onChange, ...rest }: Props) {
  const { groups } = useGroups();
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search.trim(), 250);
  const [known, setKnown] = useState<Record<string, string>>({});
  const query = api.useQuery('get', '/api/contacts/search', { params: { query: { q: asked, limit: 12 } } }, { enabled: asked !== '' });
  // Contacts that an address of the page named.
  const [lone] = value.filter((id) => id.startsWith('con_') && !known[id]);
  const named = api.useQuery('get', '/api/contacts/{id}', { params: { path: { id: lone ?? '' } } }, { enabled: !!lone });

  const option = (id: string) => {
    const group = groups.find((one) => one.id === id);
    const label = group
      ? `${group.name} (${number(group.contactCount)})`
      : (known[id] ?? (named.data?.id === id ? (named.data.name ?? named.data.phone ?? id) : id));
    return { value: id, label };
  };
  const typed = search.trim();
  const found = (asked ? (query.data?.data ?? []) : []).map((contact) => ({
    value: contact.id,
    label: [contact.name, contact.phone ?? contact.email].filter(Boolean).join(' · '),
  }));
  const fits = (label: string) => label.toLowerCase().includes(typed.toLowerCase());
  const sections = [
    { group: 'Groups', items: groups.map((group) => option(group.id)).filter(({ label, value: id }) => fits(label) || value.includes(id)) },
    { group: 'Contacts', items: found },
    { group: 'As typed', items: typed && (NUMBER.test(typed) || EMAIL.test(typed)) ? [{ value: typed, label: typed }] : [] },
  ];
  const offered = new Set(sections.flatMap(({ items }) => items.map((item) => item.value)));
  sections.push({ group: 'Chosen', items: value.filter((id) => !offered.has(id)).map(option) });

  return (
    <MultiSelect
      {...rest}
      data={sections.filter(({ items }) => items.length > 0)}
      value={value}
      onChange={(recipients) => {
        setKnown((before) => ({ ...before, ...Object.fromEntries(found.map((item) => [item.value, item.label])) }));
        onChange?.(recipients);
      }}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      filter={({ options }) => options}
      hidePickedOptions
      clearable
      maxDropdownHeight={320}
      nothingFoundMessage={typed ? 'Nobody found' : 'Type a name, a number or a group'}
      rightSection={query.isFetching ? <Loader size={16} /> : undefined}
    />
  );
}
