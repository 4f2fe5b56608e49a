// Finding contacts by name, number or e-mail address, and choosing some.
import { Loader, MultiSelect, type MultiSelectProps } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { api } from '../api/client';

interface Props extends Omit<MultiSelectProps, 'data' | 'value' | 'onChange'> {
  value: string[];
  onChange: (ids: string[]) => void;
}

export function ContactPicker({ value, onChange, ...rest }: Props) {
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search.trim(), 250);
  // Those that are chosen keep their names while the search goes on.
  const [known, setKnown] = useState<Record<string, string>>({});
  const query = api.useQuery('get', '/api/contacts/search', { params: { query: { q: asked, limit: 20 } } }, { enabled: asked !== '' });
  const found = (query.data?.data ?? []).map((contact) => ({
    value: contact.id,
    label: [contact.name, contact.phone ?? contact.email].filter(Boolean).join(' · '),
  }));
  const chosen = value.filter((id) => !found.some((option) => option.value === id)).map((id) => ({ value: id, label: known[id] ?? id }));
  return (
    <MultiSelect
      {...rest}
      data={[...found, ...chosen]}
      value={value}
      onChange={(ids) => {
        setKnown((before) => ({ ...before, ...Object.fromEntries(found.map((option) => [option.value, option.label])) }));
        onChange(ids);
      }}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      filter={({ options }) => options}
      hidePickedOptions
      nothingFoundMessage={asked ? 'Nobody found' : 'Type a name or number'}
      rightSection={query.isFetching ? <Loader size={16} /> : null}
    />
  );
}
