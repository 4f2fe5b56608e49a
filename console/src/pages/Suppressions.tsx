// Who gets no messages: those who opted out or complained, whose address bounces, and those whom someone has put here.
import { ActionIcon, Alert, Button, FileButton, Group, List, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedCallback } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { IconDownload, IconFileImport, IconHandStop, IconPlus, IconSearch, IconTrash } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api, changed, data, download, fetcher } from '../api/client';
import { onFields, showDone, showProblem } from '../api/problem';
import type { RemovalReason, SuppressedChannel, Suppression, SuppressionReason, SuppressionsImported } from '../api/schema';
import { useMay } from '../app/useSession';
import { DataTable } from '../components/DataTable';
import { Page } from '../components/Page';
import { Empty } from '../components/states';
import { number, relative, words } from '../lib/format';
import { usePaging } from '../lib/paging';
import { Dialog } from '../components/Dialog';

const CHANNELS: { value: SuppressedChannel; label: string }[] = [
  { value: 'ALL', label: 'All channels' },
  { value: 'SMS', label: 'SMS' },
  { value: 'WHATSAPP', label: 'WhatsApp' },
  { value: 'EMAIL', label: 'E-mail' },
];
const REASONS: { value: SuppressionReason; label: string }[] = (['OPTED_OUT', 'COMPLAINED', 'BOUNCED', 'MANUAL'] as const).map((value) => ({
  value,
  label: words(value),
}));

const REMOVALS: { value: RemovalReason; label: string }[] = [
  { value: 'OPTED_IN', label: 'They want messages again' },
  { value: 'MISTAKE', label: 'It was a mistake' },
];

export default function Suppressions() {
  const filters = useSearch({ from: '/inside/suppressions' });
  const navigate = useNavigate({ from: '/suppressions' });
  const may = useMay('MEMBER');
  const admin = useMay('ADMIN');
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Suppression>();
  const [search, setSearch] = useState(filters.search ?? '');
  const paging = usePaging(filters);
  const filter = (change: Partial<typeof filters>) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const later = useDebouncedCallback(filter, 300);
  const query = api.useQuery(
    'get',
    '/api/suppressions',
    {
      params: {
        query: {
          search: filters.search,
          channel: filters.channel as SuppressedChannel | undefined,
          reason: filters.reason as SuppressionReason | undefined,
          limit: 25,
          cursor: paging.cursor,
        },
      },
    },
    { placeholderData: (before) => before },
  );
  const upload = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData();
      form.set('file', file);
      return data<SuppressionsImported>(fetcher.POST('/api/suppressions/import', { body: form as never }));
    },
    onSuccess: () => changed('suppressions'),
  });
  const filtered = !!(filters.search || filters.channel || filters.reason);

  return (
    <Page
      title="Suppressions"
      about="They get no messages, whatever group they are in. It is checked when a message is planned, and again before each copy."
      actions={
        <>
          <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />} onClick={() => void download('/api/suppressions/export', 'suppressions.csv').catch(showProblem)}>
            Export
          </Button>
          {may && (
            <>
              <FileButton accept=".xlsx,.xls,.ods,.csv,.txt" onChange={(file) => file && upload.mutate(file)}>
                {(props) => (
                  <Button {...props} variant="default" loading={upload.isPending} leftSection={<IconFileImport size={16} aria-hidden />}>
                    Import
                  </Button>
                )}
              </FileButton>
              <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
                Add an address
              </Button>
            </>
          )}
        </>
      }
    >
      {upload.data && (
        <Alert color={upload.data.errors.length ? 'orange' : 'teal'} title={`${number(upload.data.added)} added, ${number(upload.data.skipped)} left out`} role="status">
          <List size="sm">
            {upload.data.errors.slice(0, 20).map((error) => (
              <List.Item key={error.row}>
                Row {error.row}: {error.error}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      <DataTable
        label="Suppressions"
        query={query}
        paging={paging}
        id={(one) => one.id}
        bar={
          <Group gap="sm">
            <TextInput
              aria-label="Search by number or e-mail address"
              placeholder="Number or e-mail address"
              leftSection={<IconSearch size={16} aria-hidden />}
              value={search}
              flex={1}
              miw={200}
              onChange={(event) => {
                setSearch(event.currentTarget.value);
                later({ search: event.currentTarget.value || undefined });
              }}
            />
            <Select aria-label="Channel" placeholder="Any channel" data={CHANNELS} value={filters.channel ?? null} onChange={(channel) => filter({ channel: channel ?? undefined })} clearable w={160} />
            <Select aria-label="Reason" placeholder="Any reason" data={REASONS} value={filters.reason ?? null} onChange={(reason) => filter({ reason: reason ?? undefined })} clearable w={160} />
          </Group>
        }
        columns={[
          {
            id: 'address',
            header: 'Address',
            cell: ({ row: { original } }) => (
              <>
                <Text size="sm" fw={600}>
                  {original.address}
                </Text>
                {original.note && (
                  <Text size="xs" c="dimmed">
                    {original.note}
                  </Text>
                )}
              </>
            ),
          },
          { id: 'channel', header: 'Channel', cell: ({ row }) => CHANNELS.find(({ value }) => value === row.original.channel)?.label },
          { id: 'reason', header: 'Reason', cell: ({ row }) => words(row.original.reason) },
          { id: 'source', header: 'From', meta: { wide: true }, cell: ({ row }) => words(row.original.source) },
          { id: 'since', header: 'Since', meta: { wide: true, numeric: true }, cell: ({ row }) => relative(row.original.createdAt) },
          {
            id: 'remove',
            header: '',
            meta: { width: 50 },
            cell: ({ row: { original } }) =>
              admin && (
                <ActionIcon aria-label={`Remove ${original.address}`} onClick={() => setRemoving(original)}>
                  <IconTrash size={16} aria-hidden />
                </ActionIcon>
              ),
          },
        ]}
        empty={
          filtered ? (
            <Empty icon={IconSearch} title="Nobody fits" />
          ) : (
            <Empty icon={IconHandStop} title="Nobody is suppressed">
              Whoever opts out at a provider comes here by themselves.
            </Empty>
          )
        }
      />
      {adding && <Add onClose={() => setAdding(false)} />}
      {removing && <Remove suppression={removing} onClose={() => setRemoving(undefined)} />}
    </Page>
  );
}

function Add({ onClose }: { onClose: () => void }) {
  const form = useForm({ mode: 'uncontrolled', initialValues: { address: '', channel: 'ALL' as SuppressedChannel, reason: 'MANUAL' as SuppressionReason, note: '' } });
  const add = api.useMutation('post', '/api/suppressions', { meta: { shown: true } });
  const submit = form.onSubmit(({ note, ...body }) =>
    add.mutate(
      { body: { ...body, note: note || null } },
      {
        onSuccess: () => {
          showDone('They get no more messages.');
          void changed('suppressions');
          onClose();
        },
        onError: onFields(form, ['address', 'channel', 'reason', 'note']),
      },
    ),
  );
  return (
    <Dialog onClose={onClose} title="Add an address">
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Number or e-mail address" required data-autofocus key={form.key('address')} {...form.getInputProps('address')} />
          <Select label="Channel" data={CHANNELS} allowDeselect={false} key={form.key('channel')} {...form.getInputProps('channel')} />
          <Select label="Reason" data={REASONS} allowDeselect={false} key={form.key('reason')} {...form.getInputProps('reason')} />
          <Textarea label="Note" autosize key={form.key('note')} {...form.getInputProps('note')} />
          <Button type="submit" loading={add.isPending}>
            Add
          </Button>
        </Stack>
      </form>
    </Dialog>
  );
}

function Remove({ suppression, onClose }: { suppression: Suppression; onClose: () => void }) {
  const [reason, setReason] = useState<RemovalReason>('OPTED_IN');
  const remove = api.useMutation('delete', '/api/suppressions/{id}', {
    onSuccess: () => {
      showDone('They can be reached again.');
      void changed('suppressions');
      onClose();
    },
  });
  return (
    <Dialog onClose={onClose} title={`Remove ${suppression.address}?`}>
      <Stack>
        <Text size="sm">They get messages again. Why is kept.</Text>
        <Select label="Why" data={REMOVALS} value={reason} onChange={(value) => value && setReason(value)} allowDeselect={false} data-autofocus />
        <Button color="red" loading={remove.isPending} onClick={() => remove.mutate({ params: { path: { id: suppression.id }, query: { reason } } })}>
          Remove
        </Button>
      </Stack>
    </Dialog>
  );
}
