// One import: what the file holds, what is wrong with it, fixing rows in place, and the commit.
import { ActionIcon, Alert, Button, Card, Group as Row, Progress, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { IconCheck, IconDownload, IconPencil, IconSend, IconX } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { useEffect, useMemo, useState, type ChangeEvent, type KeyboardEvent } from 'react';
import { after, api, changed, download, KEEP, SHOWN } from '../api/client';
import { isProblem, path, sentence, showProblem } from '../api/problem';
import type { Import as ImportView, ImportRow } from '../api/schema';
import { useMay } from '../app/useSession';
import { actionColumn, column, Dim } from '../components/columns';
import { DataTable } from '../components/DataTable';
import { Choice, useFilters } from '../components/filters';
import { ImportColumns } from '../components/ImportColumns';
import { ButtonLink } from '../components/links';
import { Page } from '../components/Page';
import { Figure, Part } from '../components/Section';
import { StateBadge } from '../components/StateBadge';
import { Empty, Shown } from '../components/states';
import { useGroups } from '../components/useGroups';
import { number, words } from '../lib/format';
import { usePaging } from '../lib/paging';
import { backingOff } from '../lib/polling';

const UNDER_WAY = ['AWAITING_UPLOAD', 'PARSING', 'COMMITTING'];

export default function Import() {
  const { id } = useParams({ from: '/inside/imports/$id' });
  const { name } = useGroups();
  const may = useMay('MEMBER');
  const interval = useMemo(() => backingOff<ImportView>(({ status }) => UNDER_WAY.includes(status), ({ status, counts }) => [status, counts]), []);
  const query = api.useQuery('get', '/api/imports/{id}', { params: { path: { id } } }, { refetchInterval: interval, staleTime: 0 });
  const commit = api.useMutation('post', '/api/imports/{id}/commit', after(null, 'imports'));
  const status = query.data?.status;
  useEffect(() => {
    // What it has stored is to be seen everywhere; what it has read, perhaps again, in its rows.
    if (status === 'DONE') void changed('contacts', 'groups', 'dashboard', 'imports/{id}/rows');
    if (status === 'READY') void changed('imports/{id}/rows');
  }, [status]);

  return (
    <Shown query={query}>
      {(one) => (
        <Page
          title={one.fileName}
          badge={<StateBadge state={one.status} size="lg" />}
          about={one.groupId ? `Into the group ${name(one.groupId) ?? ''}` : 'Without a group'}
          back={{ to: '/imports', label: 'Import' }}
          actions={
            <>
              {one.counts.invalid + one.counts.duplicate > 0 && (
                <Button
                  variant="default"
                  leftSection={<IconDownload size={16} aria-hidden />}
                  onClick={() => void download(`/api/imports/${id}/rejected`, 'rejected.xlsx').catch(showProblem)}
                >
                  Rejected rows
                </Button>
              )}
              {one.status === 'READY' && may && (
                <Button
                  leftSection={<IconCheck size={16} aria-hidden />}
                  loading={commit.isPending}
                  disabled={one.counts.valid === 0}
                  onClick={() => commit.mutate({ params: { path: { id } } })}
                >
                  Import {number(one.counts.valid)} contacts
                </Button>
              )}
              {one.status === 'DONE' && one.groupId && may && (
                <ButtonLink leftSection={<IconSend size={16} aria-hidden />} to="/messages/new" search={{ to: one.groupId }}>
                  Send them a message
                </ButtonLink>
              )}
            </>
          }
        >
          {one.error && (
            <Alert color="red" title="This file cannot be imported">
              {one.error.detail}
            </Alert>
          )}
          {UNDER_WAY.includes(one.status) && <Underway one={one} />}
          {one.status === 'DONE' && (
            <Alert color="teal" title="Done" role="status">
              {number(one.counts.created)} contacts are new, {number(one.counts.skipped)} were there already.
            </Alert>
          )}
          <SimpleGrid cols={{ base: 2, sm: 4 }}>
            {(
              [
                ['Rows', one.counts.rows, undefined],
                ['Valid', one.counts.valid, 'teal'],
                ['Invalid', one.counts.invalid, 'red'],
                ['Duplicate', one.counts.duplicate, 'orange'],
              ] as const
            ).map(([label, value, color]) => (
              <Figure key={label} label={label} value={number(value)} color={value ? color : undefined} />
            ))}
          </SimpleGrid>
          {one.columns && !UNDER_WAY.includes(one.status) && <ImportColumns one={one} columns={one.columns} editable={one.status === 'READY' && may} />}
          {(one.status === 'READY' || one.status === 'DONE') && <Rows one={one} editable={one.status === 'READY' && may} />}
        </Page>
      )}
    </Shown>
  );
}

function Underway({ one }: { one: ImportView }) {
  const { counts, status } = one;
  const text = { AWAITING_UPLOAD: 'Waiting for the file …', PARSING: 'Reading the file …', COMMITTING: 'Storing the contacts …' }[status as string];
  const done = status === 'COMMITTING' && counts.valid ? (100 * (counts.created + counts.skipped)) / counts.valid : 100;
  return (
    <Card role="status">
      <Text fw={600} mb="xs">
        {text}
      </Text>
      <Progress value={done} animated aria-label={text} />
    </Card>
  );
}

function Rows({ one, editable }: { one: ImportView; editable: boolean }) {
  const {
    filters: { state },
    change,
  } = useFilters();
  const paging = usePaging(state);
  const [editing, setEditing] = useState<number>();
  const query = api.useQuery('get', '/api/imports/{id}/rows', { params: { path: { id: one.id }, query: { state, limit: 50, cursor: paging.cursor } } }, KEEP);
  const { counts } = one;
  const choice = (
    <Choice
      label="Which rows"
      value={state}
      onChange={(value) => change({ state: value })}
      data={[
        { value: 'invalid', label: `Invalid (${number(counts.invalid)})` },
        { value: 'duplicate', label: `Duplicate (${number(counts.duplicate)})` },
        { value: 'valid', label: 'Valid' },
      ]}
    />
  );
  return (
    <Part title="Rows" aside={choice}>
      <DataTable<ImportRow>
        label="Rows of the file"
        query={query}
        paging={paging}
        id={(row) => String(row.row)}
        columns={[
          column('Row', (row) => <Dim>{row.row}</Dim>, { width: 64 }),
          column('Name and number', (row) => (editing === row.row ? <Fix one={one} row={row} onDone={() => setEditing(undefined)} /> : <Person row={row} />)),
          column('State', (row) => <Judged row={row} />),
          column(
            'Other columns',
            ({ tags, attributes }) => (
              <Dim size="xs" lineClamp={2}>
                {[...tags, ...Object.entries(attributes).map(([key, value]) => `${key}: ${String(value)}`)].join(' · ')}
              </Dim>
            ),
            { wide: true },
          ),
          actionColumn(
            ({ row }) =>
              editable &&
              editing !== row && (
                <ActionIcon aria-label={`Fix row ${row}`} onClick={() => setEditing(row)}>
                  <IconPencil size={16} aria-hidden />
                </ActionIcon>
              ),
          ),
        ]}
        empty={<Empty title="No such rows" />}
      />
    </Part>
  );
}

function Person({ row }: { row: ImportRow }) {
  return (
    <>
      <Text size="sm" fw={550}>
        {row.name || '–'}
      </Text>
      <Text size="sm" c={row.state === 'INVALID' ? 'var(--mantine-color-error)' : 'dimmed'}>
        {row.phone || row.email || 'no number'}
      </Text>
    </>
  );
}

function Judged({ row }: { row: ImportRow }) {
  return (
    <>
      <StateBadge state={row.state} />
      {row.errors.map((error) => (
        <Text key={error.code} size="xs" c="var(--mantine-color-error)">
          {error.detail}
        </Text>
      ))}
      {row.firstRow != null && <Dim size="xs">as row {row.firstRow}</Dim>}
      {row.repairs.map((repair) => (
        <Dim key={repair} size="xs">
          {words(repair)}
        </Dim>
      ))}
    </>
  );
}

/** The fields of one row, in its place. Enter saves, Escape leaves it as it was. */
function Fix({ one, row, onDone }: { one: ImportView; row: ImportRow; onDone: () => void }) {
  const before = { name: row.name, phone: row.phone, email: row.email ?? '' };
  const [values, setValues] = useState(before);
  const [errors, setErrors] = useState<Record<string, string>>(Object.fromEntries(row.errors.map(({ field, detail }) => [field, detail])));
  const fix = api.useMutation('patch', '/api/imports/{id}/rows/{row}', {
    ...SHOWN,
    onSuccess: (fixed) => {
      void changed('imports');
      setErrors(Object.fromEntries(fixed.errors.map(({ field, detail }) => [field, detail])));
      if (fixed.errors.length === 0) onDone();
    },
    onError: (problem) => {
      const named = (isProblem(problem) && problem.errors) || [];
      setErrors(named.length > 0 ? Object.fromEntries(named.map(({ pointer, detail }) => [path(pointer), detail])) : { phone: sentence(problem) });
    },
  });
  const input = (name: keyof typeof before, label: string) => ({
    size: 'xs',
    'aria-label': `${label} in row ${row.row}`,
    value: values[name],
    error: errors[name],
    onKeyDown: (event: KeyboardEvent) => event.key === 'Escape' && onDone(),
    onChange: (event: ChangeEvent<HTMLInputElement>) => {
      setValues({ ...values, [name]: event.currentTarget.value });
      setErrors({ ...errors, [name]: '' });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // What nobody changed is not judged anew.
        const phone = values.phone === before.phone ? null : values.phone;
        const email = values.email === before.email ? null : values.email;
        fix.mutate({ params: { path: { id: one.id, row: row.row } }, body: { name: values.name, phone, email } });
      }}
    >
      <Stack gap={6} maw={280}>
        <TextInput {...input('name', 'Name')} />
        {/* The pencil that was pressed is gone; the field it opened takes the focus. */}
        <TextInput {...input('phone', 'Number')} autoFocus />
        {one.columns?.email != null && <TextInput {...input('email', 'E-mail address')} />}
        <Row gap={6}>
          <Button type="submit" size="compact-xs" loading={fix.isPending} leftSection={<IconCheck size={12} aria-hidden />}>
            Save
          </Button>
          <Button size="compact-xs" variant="subtle" color="gray" leftSection={<IconX size={12} aria-hidden />} onClick={onDone}>
            Leave it
          </Button>
        </Row>
      </Stack>
    </form>
  );
}
