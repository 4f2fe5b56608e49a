// API keys, for programs. A key is shown once.
import { Badge, Button, Checkbox, Group, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import { useForm } from '@mantine/form';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { after, api, changed, KEEP, SHOWN } from '../../api/client';
import { onFields } from '../../api/problem';
import type { ApiKeyView, Scope } from '../../api/schema';
import { actionColumn, column, Named } from '../../components/columns';
import { DataTable } from '../../components/DataTable';
import { Dialog } from '../../components/Dialog';
import { DialogForm, ShownOnce } from '../../components/forms';
import { RemoveButton } from '../../components/RemoveButton';
import { Empty } from '../../components/states';
import { date, localNow, toInstant } from '../../lib/format';
import { usePaging } from '../../lib/paging';

/** What the API knows, whole: a scope that is new there does not compile until it is here. */
const SCOPES = Object.keys({
  'contacts:read': 0,
  'contacts:write': 0,
  'groups:read': 0,
  'groups:write': 0,
  'imports:read': 0,
  'imports:write': 0,
  'templates:read': 0,
  'templates:write': 0,
  'messages:read': 0,
  'messages:write': 0,
  'deliveries:read': 0,
  'deliveries:write': 0,
  'conversations:read': 0,
  'conversations:write': 0,
  'suppressions:read': 0,
  'suppressions:write': 0,
  'providers:read': 0,
  'providers:write': 0,
  'routing:read': 0,
  'routing:write': 0,
  'webhook-endpoints:read': 0,
  'webhook-endpoints:write': 0,
  'media:read': 0,
  'media:write': 0,
  'domains:read': 0,
  'domains:write': 0,
  'alerts:read': 0,
  'alerts:write': 0,
  'organization:read': 0,
  'organization:write': 0,
  'users:read': 0,
  'users:write': 0,
  'api-keys:read': 0,
  'api-keys:write': 0,
  'dashboard:read': 0,
} satisfies Record<Scope, 0>) as Scope[];

export function ApiKeys() {
  const [making, setMaking] = useState(false);
  const paging = usePaging('keys');
  const query = api.useQuery('get', '/api/api-keys', { params: { query: { limit: 25, cursor: paging.cursor } } }, KEEP);
  const remove = api.useMutation('delete', '/api/api-keys/{id}', after(null, 'api-keys'));
  return (
    <Stack>
      <Button style={{ alignSelf: 'flex-start' }} leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
        New key
      </Button>
      <DataTable<ApiKeyView>
        label="API keys"
        query={query}
        paging={paging}
        empty={
          <Empty icon={IconKey} title="No keys yet">
            With a key your own programs send messages. It may do only what you allow.
          </Empty>
        }
        columns={[
          column('Name', ({ name, prefix }) => <Named note={<span className="code">{prefix}…</span>}>{name}</Named>),
          column(
            'May',
            ({ scopes }) => (
              <Group gap={4}>
                {scopes.map((scope) => (
                  <Badge key={scope} size="sm" color="gray">
                    {scope}
                  </Badge>
                ))}
              </Group>
            ),
            { wide: true },
          ),
          column('Ends', ({ expiresAt }) => (expiresAt ? date(expiresAt) : 'never'), { wide: true }),
          actionColumn(({ id, name }) => (
            <RemoveButton name={name} verb="Revoke" text="Programs that use it are refused at once." onConfirm={() => remove.mutate({ params: { path: { id } } })} />
          )),
        ]}
      />
      {making && <NewKey onClose={() => setMaking(false)} />}
    </Stack>
  );
}

function NewKey({ onClose }: { onClose: () => void }) {
  const form = useForm({ initialValues: { name: '', scopes: ['messages:read', 'messages:write'] as Scope[], ends: null as string | null } });
  const [made, setMade] = useState<string>();
  const create = api.useMutation('post', '/api/api-keys', SHOWN);
  const submit = form.onSubmit(({ name, scopes, ends }) =>
    create.mutate(
      { body: { name, scopes, expiresAt: ends ? toInstant(`${ends.slice(0, 10)} 23:59:59`) : null } },
      {
        onSuccess: ({ key }) => {
          setMade(key ?? '');
          void changed('api-keys');
        },
        onError: onFields(form, { expiresAt: 'ends', scopes: 'scopes' }),
      },
    ),
  );
  return (
    <Dialog onClose={onClose} title="New API key" size="lg">
      {made ? (
        <ShownOnce label="Key" value={made} about="Keep it now: it is not shown again." onClose={onClose} />
      ) : (
        <DialogForm onSubmit={submit} onClose={onClose} pending={create.isPending} label="Make it">
          <TextInput label="Name" description="Which program it is for" required data-autofocus {...form.getInputProps('name')} />
          <Checkbox.Group label="What it may do" {...form.getInputProps('scopes')}>
            <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs" mt="xs">
              {SCOPES.map((scope) => (
                <Checkbox key={scope} value={scope} label={scope} />
              ))}
            </SimpleGrid>
          </Checkbox.Group>
          <DateInput label="Ends" description="Left empty, never" clearable minDate={localNow().slice(0, 10)} {...form.getInputProps('ends')} />
        </DialogForm>
      )}
    </Dialog>
  );
}
