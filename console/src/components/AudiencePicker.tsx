// Whom a message goes to: groups, contacts, and numbers or addresses as they are typed, all in one field.
import { Loader, MultiSelect, type MultiSelectProps } from '@mantine/core';
import { number } from '../lib/format';
import { useContactSearch } from './useContacts';
import { useGroups } from './useGroups';

interface Props extends Omit<MultiSelectProps, 'data' | 'value' | 'onChange'> {
  value?: string[];
  onChange?: (recipients: string[]) => void;
}

/** What may be an address: the server decides. */
const ADDRESS = /^(\+?[\d\s().-]{6,20}|\S+@\S+\.\S+)$/;

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
  const { search, setSearch, found, label, isFetching, remember } = useContactSearch(value);
  const typed = search.trim();
  const named = (id: string) => ({ value: id, label: id.startsWith('con_') ? label(id) : id.startsWith('grp_') ? 'A group' : id });
  const all = groups.map(({ id, name, contactCount }) => ({ value: id, label: `${name} (${number(contactCount)})` }));
  const sections = [
    { group: 'Groups', items: all.filter(({ label, value: id }) => value.includes(id) || label.toLowerCase().includes(typed.toLowerCase())) },
    { group: 'Contacts', items: found },
    { group: 'As typed', items: ADDRESS.test(typed) ? [{ value: typed, label: typed }] : [] },
  ];
  const offered = new Set(sections.flatMap(({ items }) => items.map((item) => item.value)));
  sections.push({ group: 'Chosen', items: value.filter((id) => !offered.has(id)).map(named) });

  return (
    <MultiSelect
      {...rest}
      data={sections.filter(({ items }) => items.length > 0)}
      value={value}
      onChange={(recipients) => {
        remember();
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
      rightSection={isFetching ? <Loader size={16} /> : undefined}
    />
  );
}
