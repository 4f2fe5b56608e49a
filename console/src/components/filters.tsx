// What narrows a list down. Filters are part of a page's address: a reload, a link and the way back keep them.
import { CloseButton, Group, SegmentedControl, Select, TextInput, type SelectProps, type TextInputProps } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';

type Values = Partial<Record<string, string>>;

/** The filters in the address, and how to change some of them. Which there are, a page's route says. */
export function useFilters() {
  const filters: Values = useSearch({ strict: false });
  // The router's own type is worked out over all pages at once, which takes the compiler minutes.
  const navigate = useNavigate() as unknown as (to: { to: '.'; search: (before: Values) => Values; replace: true }) => Promise<void>;
  const change = (some: Values) => void navigate({ to: '.', search: (before) => ({ ...before, ...some }), replace: true });
  return { filters, change };
}

/** The row of filters above a list. On phones they share the width. */
export function Filters({ children }: { children: ReactNode }) {
  return (
    <Group gap="sm" className="filters">
      {children}
    </Group>
  );
}

interface SearchProps extends Omit<TextInputProps, 'value' | 'onChange'> {
  label: string;
  value: string | undefined;
  onSearch: (text: string | undefined) => void;
}

/** What is typed is looked for a moment after the last key. */
export function SearchField({ label, value, onSearch, ...rest }: SearchProps) {
  const [text, setText] = useState(value ?? '');
  const later = useDebouncedCallback((typed: string) => onSearch(typed.trim() || undefined), 300);
  const clear = () => {
    setText('');
    onSearch(undefined);
  };
  return (
    <TextInput
      aria-label={label}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={text ? <CloseButton size="sm" aria-label="Clear the search" onClick={clear} /> : null}
      value={text}
      flex={1}
      miw={180}
      {...rest}
      onChange={(event) => {
        setText(event.currentTarget.value);
        later(event.currentTarget.value);
      }}
    />
  );
}

interface FilterProps extends Omit<SelectProps, 'value' | 'onChange'> {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

/** One of several, or any. */
export function FilterSelect({ label, value, onChange, ...rest }: FilterProps) {
  return <Select aria-label={label} placeholder={`Any ${label.toLowerCase()}`} value={value ?? null} onChange={(chosen) => onChange(chosen ?? undefined)} clearable w={160} {...rest} />;
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  data: { value: string; label: string }[];
}

/** All, or one of a few. */
export function Choice({ label, value, onChange, data }: ChoiceProps) {
  return (
    <SegmentedControl
      aria-label={label}
      size="xs"
      style={{ alignSelf: 'flex-start' }}
      value={value ?? 'all'}
      onChange={(chosen) => onChange(chosen === 'all' ? undefined : chosen)}
      data={[{ value: 'all', label: 'All' }, ...data]}
    />
  );
}
