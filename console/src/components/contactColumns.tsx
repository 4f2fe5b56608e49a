// The columns of lists of contacts.
import { Badge, Group, Text } from '@mantine/core';
import type { ColumnDef } from '@tanstack/react-table';
import type { Contact } from '../api/schema';
import { relative } from '../lib/format';
import { AnchorLink } from './links';

export const contactColumns: ColumnDef<Contact>[] = [
  {
    id: 'name',
    header: 'Name',
    cell: ({ row: { original } }) => (
      <AnchorLink to="/contacts/$id" params={{ id: original.id }} c="inherit" fw={600} size="sm">
        {original.name || original.phone || original.email}
      </AnchorLink>
    ),
  },
  {
    id: 'phone',
    header: 'Phone',
    cell: ({ row: { original } }) => (
      <Text size="sm" style={{ whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }}>
        {original.phone ?? original.email ?? '–'}
      </Text>
    ),
  },
  {
    id: 'tags',
    header: 'Tags',
    meta: { wide: true },
    cell: ({ row: { original } }) => (
      <Group gap={4}>
        {original.tags.slice(0, 3).map((tag) => (
          <Badge key={tag} color="gray" size="sm">
            {tag}
          </Badge>
        ))}
        {original.tags.length > 3 && (
          <Text size="xs" c="dimmed">
            +{original.tags.length - 3}
          </Text>
        )}
      </Group>
    ),
  },
  {
    id: 'updated',
    header: 'Changed',
    meta: { wide: true, numeric: true },
    cell: ({ row: { original } }) => (
      <Text size="sm" c="dimmed">
        {relative(original.updatedAt)}
      </Text>
    ),
  },
];
