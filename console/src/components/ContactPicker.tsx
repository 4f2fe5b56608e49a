// Finding contacts by name, number or e-mail address, and choosing some.
import { Loader, MultiSelect, type MultiSelectProps } from '@mantine/core';
import { useContactSearch } from './useContacts';

interface Props extends Omit<MultiSelectProps, 'data' | 'value' | 'onChange'> {
  value: string[];
  onChange: (ids: string[]) => void;
}

export function ContactPicker({ value, onChange, ...rest }: Props) {
  const { search, setSearch, found, label, isFetching, remember } = useContactSearch(value);
  const chosen = value.filter((id) => !found.some((option) => option.value === id)).map((id) => ({ value: id, label: label(id) }));
  return (
    <MultiSelect
      {...rest}
      data={[...found, ...chosen]}
      value={value}
      onChange={(ids) => {
        remember();
        onChange(ids);
      }}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      filter={({ options }) => options}
      hidePickedOptions
      nothingFoundMessage={search.trim() ? 'Nobody found' : 'Type a name or number'}
      rightSection={isFetching ? <Loader size={16} /> : null}
    />
  );
}
