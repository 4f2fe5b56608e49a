// API keys, for programs. A key is shown once.
import { ActionIcon, Alert, Badge, Button, Checkbox, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import { useForm } from '@mantine/form';
import { IconKey, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { api, changed } from '../../api/client';
import { onFields } from '../../api/problem';
import type { Scope } from '../../api/schema';
import { confirm } from '../../components/confirm';
import { CopyField } from '../../components/CopyField';
import { DataTable } from '../../components/DataTable';
import { Empty } from '../../components/states';
import { date, localNow, toInstant } from '../../lib/format';
import { usePaging } from '../../lib/paging';
import { Dialog } from '../../components/Dialog';

/** In the order of the API's document. */
const SCOPES: Scope[] = [
  'contacts:read',
  'contacts:write',
  'groups:read',
  'groups:write',
  'imports:read',
  'imports:write',
  'templates:read',
  'templates:write',
  'messages:read',
  'messages:write',
  'deliveries:read',
  'deliveries:write',
  'suppressions:read',
  'suppressions:write',
  'providers:read',
  'providers:write',
  'alerts:read',
  'alerts:write',
  'dashboard:read',
  'organization:read',
  'organization:write',
  'users:read',
  'users:write',
  'api-keys:read',
  'api-keys:write',
];

export function ApiKeys() {
  const [making, setMaking] = useState(false);
  const paging = usePaging('keys');
  const query = api.useQuery('get', '/api/api-keys', { params: { query: { limit: 25, cursor: paging.cursor } } });
  const remove = api.useMutation('delete', '/api/api-keys/{id}', { onSuccess: () => changed('api-keys') });
  const create = (
    <Button style={{ alignSelf: 'flex-start' }} leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
      New key
    </Button>
  );
  return (
    <Stack>
      {create}
      <DataTable
        label="API keys"
        query={query}
        paging={paging}
        id={(key) => key.id}
        empty={
          <Empty icon={IconKey} title="No keys yet">
            With a key your own programs send messages. It may do only what you allow.
          </Empty>
        }
        columns={[
          {
            id: 'name',
            header: 'Name',
            cell: ({ row: { original } }) => (
              <>
                <Text size="sm" fw={600}>
                  {original.name}
                </Text>
                <Text size="xs" c="dimmed" className="code">
                  {original.prefix}…
                </Text>
              </>
            ),
          },
          {
            id: 'scopes',
            header: 'May',
            meta: { wide: true },
            cell: ({ row: { original } }) => (
              <Group gap={4}>
                {original.scopes.map((scope) => (
                  <Badge key={scope} size="sm" color="gray">
                    {scope}
                  </Badge>
                ))}
              </Group>
            ),
          },
          { id: 'ends', header: 'Ends', meta: { wide: true }, cell: ({ row }) => (row.original.expiresAt ? date(row.original.expiresAt) : 'never') },
          {
            id: 'remove',
            header: '',
            meta: { width: 50 },
            cell: ({ row: { original } }) => (
              <ActionIcon
                aria-label={`Revoke ${original.name}`}
                onClick={() => confirm(`Revoke ${original.name}?`, 'Programs that use it are refused at once.', 'Revoke', () => remove.mutate({ params: { path: { id: original.id } } }))}
              >
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            ),
          },
        ]}
      />
      {making && <NewKey onClose={() => setMaking(false)} />}
    </Stack>
  );
}

function NewKey({ onClose }: { onClose: () => void }) {
  const form = useForm({ initialValues: { name: '', scopes: ['messages:read', 'messages:write'] as Scope[], ends: null as string | null } });
  const [made, setMade] = useState<string>();
  const create = api.useMutation('post', '/api/api-keys', { meta: { shown: true } });
  const submit = form.onSubmit(({ name, scopes, ends }) =>
    create.mutate(
      { body: { name, scopes, expiresAt: ends ? toInstant(`${ends.slice(0, 10)} 23:59:59`) : null } },
      {
        onSuccess: ({ key }) => {
          setMade(key ?? '');
          void changed('api-keys');
        },
        onError: onFields(form, ['name', 'scopes', 'ends'], { expiresAt: 'ends' }),
      },
    ),
  );
  return (
    <Dialog onClose={onClose} title="New API key" size="lg">
      {made ? (
        <Stack>
          <Alert color="teal" role="status">
            Keep it now: it is not shown again.
          </Alert>
          <CopyField label="Key" value={made} />
          <Button onClick={onClose}>Done</Button>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <TextInput label="Name" description="Which program it is for" required data-autofocus {...form.getInputProps('name')} />
            <Checkbox.Group label="What it may do" {...form.getInputProps('scopes')}>
              <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs" mt="xs">
                {SCOPES.map((scope) => (
                  <Checkbox key={scope} value={scope} label={scope} />
                ))}
              </SimpleGrid>
            </Checkbox.Group>
            <DateInput label="Ends" description="Left empty, never" clearable minDate={localNow().slice(0, 10)} {...form.getInputProps('ends')} />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={create.isPending}>
                Make it
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}
