// Who gets no messages: those who opted out or complained, whose address bounces, and those whom someone has put here.
import { ActionIcon, Alert, Button, FileButton, List, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { IconDownload, IconFileImport, IconHandStop, IconPlus, IconSearch, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { api, changed, data, download, fetcher, KEEP, SHOWN } from '../api/client';
import { onFields, showDone, showProblem } from '../api/problem';
import type { RemovalReason, SuppressedChannel, Suppression, SuppressionReason, SuppressionsImported } from '../api/schema';
import { useMay } from '../app/useSession';
import { actionColumn, column, Named, whenColumn } from '../components/columns';
import { DataTable } from '../components/DataTable';
import { Dialog } from '../components/Dialog';
import { Filters, FilterSelect, SearchField, useFilters } from '../components/filters';
import { DialogForm } from '../components/forms';
import { Page } from '../components/Page';
import { Empty } from '../components/states';
import { CHANNEL_OPTIONS, number, options, words } from '../lib/format';
import { usePaging } from '../lib/paging';

const CHANNELS = [{ value: 'ALL', label: 'All channels' }, ...CHANNEL_OPTIONS];
const REASONS = options(['OPTED_OUT', 'COMPLAINED', 'BOUNCED', 'MANUAL'] satisfies SuppressionReason[]);
const REMOVALS: { value: RemovalReason; label: string }[] = [
  { value: 'OPTED_IN', label: 'They want messages again' },
  { value: 'MISTAKE', label: 'It was a mistake' },
];

export default function Suppressions() {
  const {
    filters: { search, channel, reason },
    change,
  } = useFilters();
  const may = useMay('MEMBER');
  const admin = useMay('ADMIN');
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Suppression>();
  const asked = { search, channel: channel as SuppressedChannel | undefined, reason: reason as SuppressionReason | undefined };
  const paging = usePaging(asked);
  const query = api.useQuery('get', '/api/suppressions', { params: { query: { ...asked, limit: 25, cursor: paging.cursor } } }, KEEP);
  const upload = useMutation({
    mutationFn: (file: File) => {
      const form = new FormData();
      form.set('file', file);
      return data<SuppressionsImported>(fetcher.POST('/api/suppressions/import', { body: form as never }));
    },
    onSuccess: () => changed('suppressions'),
  });
  const actions = (
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
  );
  const filters = (
    <Filters>
      <SearchField
        label="Search by number or e-mail address"
        placeholder="Number or e-mail address"
        value={search}
        error={query.error?.errors?.find(({ pointer }) => pointer === '?search')?.detail}
        onSearch={(text) => change({ search: text })}
      />
      <FilterSelect label="Channel" data={CHANNELS} value={channel} onChange={(value) => change({ channel: value })} />
      <FilterSelect label="Reason" data={REASONS} value={reason} onChange={(value) => change({ reason: value })} />
    </Filters>
  );

  return (
    <Page
      title="Suppressions"
      about="They get no messages, whatever group they are in. It is checked when a message is planned, and again before each copy."
      actions={actions}
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
      <DataTable<Suppression>
        label="Suppressions"
        query={query}
        paging={paging}
        bar={filters}
        columns={[
          column('Address', ({ address, note }) => <Named note={note}>{address}</Named>),
          column('Channel', (one) => CHANNELS.find(({ value }) => value === one.channel)?.label),
          column('Reason', (one) => words(one.reason)),
          column('From', ({ source }) => words(source), { wide: true }),
          whenColumn('Since', ({ createdAt }) => createdAt),
          actionColumn(
            (one) =>
              admin && (
                <ActionIcon aria-label={`Remove ${one.address}`} onClick={() => setRemoving(one)}>
                  <IconTrash size={16} aria-hidden />
                </ActionIcon>
              ),
          ),
        ]}
        empty={
          search || channel || reason ? (
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
  const add = api.useMutation('post', '/api/suppressions', SHOWN);
  const onSuccess = () => {
    showDone('They get no more messages.');
    void changed('suppressions');
    onClose();
  };
  const submit = form.onSubmit(({ note, ...body }) => add.mutate({ body: { ...body, note: note || null } }, { onSuccess, onError: onFields(form) }));
  return (
    <Dialog onClose={onClose} title="Add an address">
      <DialogForm onSubmit={submit} onClose={onClose} pending={add.isPending} label="Add">
        <TextInput label="Number or e-mail address" required data-autofocus key={form.key('address')} {...form.getInputProps('address')} />
        <Select label="Channel" data={CHANNELS} allowDeselect={false} key={form.key('channel')} {...form.getInputProps('channel')} />
        <Select label="Reason" data={REASONS} allowDeselect={false} key={form.key('reason')} {...form.getInputProps('reason')} />
        <Textarea label="Note" autosize key={form.key('note')} {...form.getInputProps('note')} />
      </DialogForm>
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
