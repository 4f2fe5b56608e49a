// Which column of a file holds what: as it was recognised, and as people choose it.
import { Alert, Badge, Button, Group, Select, Table, Text, TextInput } from '@mantine/core';
import { IconColumns3 } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { after, api, SHOWN } from '../api/client';
import { sentence } from '../api/problem';
import type { Import, ImportColumns as Columns } from '../api/schema';
import { columnLetter, rolesOf, toColumns, type Chosen, type Role } from '../lib/columns';
import { Dialog } from './Dialog';
import { DialogForm } from './forms';

const ROLES: { value: Role; label: string }[] = [
  { value: 'name', label: 'Name' },
  { value: 'phone', label: 'Phone' },
  { value: 'email', label: 'E-mail address' },
  { value: 'tags', label: 'Tags' },
  { value: 'timezone', label: 'Time zone' },
  { value: 'attribute', label: 'Attribute' },
  { value: 'none', label: 'Leave it out' },
];

export function ImportColumns({ one, columns, editable }: { one: Import; columns: Columns; editable: boolean }) {
  const [changing, setChanging] = useState(false);
  const used = rolesOf(columns)
    .map(({ role, key }, column) => ({ column, role, label: role === 'attribute' ? key : (ROLES.find(({ value }) => value === role)?.label ?? '') }))
    .filter(({ role }) => role !== 'none');
  return (
    <Group gap="xs" role="group" aria-label="Recognised columns">
      <Text size="sm" c="dimmed">
        Columns:
      </Text>
      {used.map(({ column, label }) => (
        <Badge
          key={column}
          color="gray"
          leftSection={
            <Text fz={10} fw={700} component="span">
              {columnLetter(column)}
            </Text>
          }
        >
          {label}
        </Badge>
      ))}
      {editable && (
        <Button size="compact-sm" variant="subtle" leftSection={<IconColumns3 size={15} aria-hidden />} onClick={() => setChanging(true)}>
          Change
        </Button>
      )}
      {changing && <Choose one={one} columns={columns} onClose={() => setChanging(false)} />}
    </Group>
  );
}

function Choose({ one, columns, onClose }: { one: Import; columns: Columns; onClose: () => void }) {
  const [chosen, setChosen] = useState(() => rolesOf(columns));
  const save = api.useMutation('patch', '/api/imports/{id}', { ...SHOWN, ...after(null, 'imports') });
  const change = (column: number, to: Partial<Chosen>) => setChosen(chosen.map((before, at) => (at === column ? { ...before, ...to } : before)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ params: { path: { id: one.id } }, body: { columns: toColumns(chosen) } }, { onSuccess: onClose });
  };
  return (
    <Dialog onClose={onClose} title="What the columns hold" size="lg">
      <DialogForm onSubmit={submit} onClose={onClose} pending={save.isPending} label="Read it so">
        {save.error && (
          <Alert color="red" role="alert">
            {sentence(save.error)}
          </Alert>
        )}
        <Text size="sm" c="dimmed">
          The file is read again. Rows that you have fixed are then what they are in the file.
        </Text>
        <Table aria-label="Columns" horizontalSpacing="xs">
          <Table.Tbody>
            {chosen.map(({ role, key }, column) => {
              const letter = columnLetter(column);
              return (
                <Table.Tr key={letter}>
                  <Table.Th w={40}>{letter}</Table.Th>
                  <Table.Td>
                    <Text size="sm">{columns.headings[column] || '–'}</Text>
                  </Table.Td>
                  <Table.Td>
                    <Select size="xs" aria-label={`Column ${letter} holds`} data={ROLES} allowDeselect={false} value={role} onChange={(to) => to && change(column, { role: to })} />
                  </Table.Td>
                  <Table.Td>
                    {role === 'attribute' && (
                      <TextInput size="xs" aria-label={`Attribute in column ${letter}`} required value={key} onChange={(event) => change(column, { key: event.currentTarget.value })} />
                    )}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </DialogForm>
    </Dialog>
  );
}
