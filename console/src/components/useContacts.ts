// Contacts for pickers: found by what is typed, and named where only an id is known.
import { useDebouncedValue } from '@mantine/hooks';
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client';
import type { Contact } from '../api/schema';
import { called } from './contactColumns';

/** So many are asked for by their ids. */
const MOST = 25;

/** Contacts by their ids; what is no id of a contact is passed over. */
export function useContacts(ids: string[]): Map<string, Contact> {
  const asked = ids.filter((id) => id.startsWith('con_')).slice(0, MOST);
  const results = useQueries({ queries: asked.map((id) => api.queryOptions('get', '/api/contacts/{id}', { params: { path: { id } } })) });
  return new Map(results.flatMap(({ data }) => (data ? [[data.id, data]] : [])));
}

/** A search by name, number or e-mail address, and the labels of those that are chosen. */
export function useContactSearch(chosen: string[]) {
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search.trim(), 250);
  const query = api.useQuery('get', '/api/contacts/search', { params: { query: { q: asked, limit: 12 } } }, { enabled: asked !== '' });
  const found = (asked ? (query.data?.data ?? []) : []).map((contact) => ({
    value: contact.id,
    label: [contact.name, contact.phone ?? contact.email].filter(Boolean).join(' · '),
  }));
  // Those that were found keep their labels while the search goes on.
  const [known, setKnown] = useState<Record<string, string>>({});
  const contacts = useContacts(chosen.filter((id) => !known[id]));
  const label = (id: string) => {
    const contact = contacts.get(id);
    return known[id] ?? (contact ? called(contact) : 'A contact');
  };
  return {
    search,
    setSearch,
    found,
    label,
    isFetching: query.isFetching,
    remember: () => setKnown((before) => ({ ...before, ...Object.fromEntries(found.map(({ value, label }) => [value, label])) })),
  };
}
