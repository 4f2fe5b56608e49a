// The columns of lists of contacts.
import { Badge, Group, Text } from '@mantine/core';
import type { ColumnDef } from '@tanstack/react-table';
import type { Contact } from '../api/schema';
import { column, whenColumn } from './columns';
import { AnchorLink } from './links';

/** What a contact is called. */
export function called({ name, phone, email }: Pick<Contact, 'name' | 'phone' | 'email'>): string {
  return name || phone || email || 'Contact';
}

export const contactColumns: ColumnDef<Contact>[] = [
  column('Name', (contact) => (
    <AnchorLink to="/contacts/$id" params={{ id: contact.id }} c="inherit" fw={600} size="sm">
      {called(contact)}
    </AnchorLink>
  )),
  column('Phone', ({ phone, email }) => (
    <Text size="sm" style={{ whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' }}>
      {phone ?? email ?? '–'}
    </Text>
  )),
  column(
    'Tags',
    ({ tags }) => (
      <Group gap={4}>
        {tags.slice(0, 3).map((tag) => (
          <Badge key={tag} color="gray" size="sm">
            {tag}
          </Badge>
        ))}
        {tags.length > 3 && (
          <Text size="xs" c="dimmed">
            +{tags.length - 3}
          </Text>
        )}
      </Group>
    ),
    { wide: true },
  ),
  whenColumn('Changed', ({ updatedAt }) => updatedAt),
];
