// One import: what the file holds, what is wrong with it, fixing rows in place, and the commit.
import { ActionIcon, Alert, Badge, Button, Card, Group as Row, Progress, SegmentedControl, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconCheck, IconDownload, IconPencil, IconSend, IconX } from '@tabler/icons-react';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useState, type KeyboardEvent } from 'react';
import { api, changed, download } from '../api/client';
import { isProblem, path, sentence, showProblem } from '../api/problem';
import type { Import as ImportView, ImportRow } from '../api/schema';
import { useMay } from '../app/useSession';
import { DataTable } from '../components/DataTable';
import { Page } from '../components/Page';
import { StateBadge } from '../components/StateBadge';
import { Empty, Shown } from '../components/states';
import { useGroups } from '../components/useGroups';
import { number, words } from '../lib/format';
import { usePaging } from '../lib/paging';
import { backingOff } from '../lib/polling';
import { ButtonLink } from '../components/links';

const UNDER_WAY = ['AWAITING_UPLOAD', 'PARSING', 'COMMITTING'];

export default function Import() {
  const { id } = useParams({ from: '/inside/imports/$id' });
  const { name } = useGroups();
  const may = useMay('MEMBER');
  const interval = useMemo(() => backingOff<ImportView>(({ status }) => UNDER_WAY.includes(status), ({ status, counts }) => [status, counts]), []);
  const query = api.useQuery('get', '/api/imports/{id}', { params: { path: { id } } }, { refetchInterval: interval, staleTime: 0 });
  const commit = api.useMutation('post', '/api/imports/{id}/commit', { onSuccess: () => changed('imports') });
  const status = query.data?.status;
  useEffect(() => {
    // What it has stored is to be seen everywhere.
    if (status === 'DONE') void changed('contacts', 'groups', 'dashboard');
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
              {number(one.counts.created)} contacts are new, {number(one.counts.skipped)} rows were known or left out.
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
              <Card key={label} padding="md">
                <Text size="sm" c="dimmed">
                  {label}
                </Text>
                <Text fz={26} fw={680} c={value && color ? `var(--mantine-color-${color}-text)` : undefined}>
                  {number(value)}
                </Text>
              </Card>
            ))}
          </SimpleGrid>
          {one.columns && <Columns one={one} />}
          {(one.status === 'READY' || one.status === 'DONE') && <Rows one={one} editable={one.status === 'READY' && may} />}
        </Page>
      )}
    </Shown>
  );
}

function Underway({ one }: { one: ImportView }) {
  const { counts, status } = one;
  const text = { AWAITING_UPLOAD: 'Waiting for the file …', PARSING: 'Reading the file …', COMMITTING: 'Storing the contacts …' }[status as string];
  const done = status === 'COMMITTING' && counts.valid ? (100 * (counts.created + counts.skipped)) / (counts.valid + counts.invalid + counts.duplicate) : 100;
  return (
    <Card role="status">
      <Text fw={600} mb="xs">
        {text}
      </Text>
      <Progress value={done} animated aria-label={text} />
    </Card>
  );
}

/** `A` for 0, as spreadsheets count columns. */
function letter(column: number): string {
  return column < 26 ? String.fromCharCode(65 + column) : letter(Math.floor(column / 26) - 1) + letter(column % 26);
}

function Columns({ one }: { one: ImportView }) {
  const columns = one.columns!;
  const found: [string, string][] = [
    ...(columns.name.length ? ([['Name', columns.name.map(letter).join(' + ')]] as [string, string][]) : []),
    ...(['phone', 'email', 'tags', 'timezone'] as const).flatMap((key) =>
      columns[key] == null ? [] : ([[words(key), letter(columns[key])]] as [string, string][]),
    ),
    ...Object.entries(columns.attributes).map(([key, column]): [string, string] => [key, letter(column)]),
  ];
  return (
    <Row gap="xs" aria-label="Recognised columns">
      <Text size="sm" c="dimmed">
        Columns:
      </Text>
      {found.map(([label, column]) => (
        <Badge key={label} color="gray" leftSection={<Text fz={10} fw={700} component="span">{column}</Text>}>
          {label}
        </Badge>
      ))}
    </Row>
  );
}

function Rows({ one, editable }: { one: ImportView; editable: boolean }) {
  const { state } = useSearch({ from: '/inside/imports/$id' });
  const navigate = useNavigate({ from: '/imports/$id' });
  const paging = usePaging(state);
  const [editing, setEditing] = useState<number>();
  const query = api.useQuery(
    'get',
    '/api/imports/{id}/rows',
    { params: { path: { id: one.id }, query: { state, limit: 50, cursor: paging.cursor } } },
    { placeholderData: (before) => before },
  );
  const { counts } = one;
  return (
    <Stack gap="sm">
      <Row justify="space-between">
        <Title order={2}>Rows</Title>
        <SegmentedControl
          aria-label="Which rows"
          size="xs"
          value={state ?? 'all'}
          onChange={(value) => void navigate({ search: { state: value === 'all' ? undefined : value }, replace: true })}
          data={[
            { value: 'all', label: 'All' },
            { value: 'invalid', label: `Invalid (${number(counts.invalid)})` },
            { value: 'duplicate', label: `Duplicate (${number(counts.duplicate)})` },
            { value: 'valid', label: 'Valid' },
          ]}
        />
      </Row>
      <DataTable
        label="Rows of the file"
        query={query}
        paging={paging}
        id={(row) => String(row.row)}
        columns={[
          { id: 'row', header: 'Row', meta: { width: 64 }, cell: ({ row }) => <Text size="sm" c="dimmed">{row.original.row}</Text> },
          {
            id: 'contact',
            header: 'Name and number',
            cell: ({ row: { original } }) =>
              editing === original.row ? (
                <Fix id={one.id} row={original} onDone={() => setEditing(undefined)} />
              ) : (
                <>
                  <Text size="sm" fw={550}>
                    {original.name || '–'}
                  </Text>
                  <Text size="sm" c={original.state === 'INVALID' ? 'var(--mantine-color-error)' : 'dimmed'}>
                    {original.phone || original.email || 'no number'}
                  </Text>
                </>
              ),
          },
          {
            id: 'state',
            header: 'State',
            cell: ({ row: { original } }) => (
              <>
                <StateBadge state={original.state} />
                {original.errors.map((error) => (
                  <Text key={error.code} size="xs" c="var(--mantine-color-error)">
                    {error.detail}
                  </Text>
                ))}
                {original.firstRow != null && (
                  <Text size="xs" c="dimmed">
                    as row {original.firstRow}
                  </Text>
                )}
                {original.repairs.map((repair) => (
                  <Text key={repair} size="xs" c="dimmed">
                    {words(repair)}
                  </Text>
                ))}
              </>
            ),
          },
          {
            id: 'more',
            header: 'Other columns',
            meta: { wide: true },
            cell: ({ row: { original } }) => (
              <Text size="xs" c="dimmed" lineClamp={2}>
                {[...original.tags, ...Object.entries(original.attributes).map(([key, value]) => `${key}: ${String(value)}`)].join(' · ')}
              </Text>
            ),
          },
          {
            id: 'edit',
            header: '',
            meta: { width: 50 },
            cell: ({ row: { original } }) =>
              editable && editing !== original.row ? (
                <ActionIcon aria-label={`Fix row ${original.row}`} onClick={() => setEditing(original.row)}>
                  <IconPencil size={16} aria-hidden />
                </ActionIcon>
              ) : null,
          },
        ]}
        empty={<Empty title="No such rows" />}
      />
    </Stack>
  );
}

/** The fields of one row, in its place. Enter saves, Escape leaves it as it was. */
function Fix({ id, row, onDone }: { id: string; row: ImportRow; onDone: () => void }) {
  const [name, setName] = useState(row.name);
  const [phone, setPhone] = useState(row.phone);
  const [error, setError] = useState<string | undefined>(row.errors[0]?.detail);
  const fix = api.useMutation('patch', '/api/imports/{id}/rows/{row}', {
    meta: { shown: true },
    onSuccess: (fixed) => {
      void changed('imports');
      if (fixed.errors[0]) setError(fixed.errors[0].detail);
      else onDone();
    },
    onError: (problem) => {
      const own = isProblem(problem) && problem.errors?.find(({ pointer }) => path(pointer) === 'phone');
      setError(own ? own.detail : sentence(problem));
    },
  });
  const leave = (event: KeyboardEvent) => event.key === 'Escape' && onDone();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        fix.mutate({ params: { path: { id, row: row.row } }, body: { name, phone } });
      }}
    >
      <Stack gap={6} maw={280}>
        <TextInput size="xs" aria-label={`Name in row ${row.row}`} onKeyDown={leave} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput
          size="xs"
          aria-label={`Number in row ${row.row}`}
          onKeyDown={leave}
          value={phone}
          error={error}
          // The pencil that was pressed is gone; the field it opened takes the focus.
          ref={(node) => {
            if (node && !node.dataset.met) {
              node.dataset.met = 'yes';
              node.focus();
            }
          }}
          onChange={(event) => {
            setPhone(event.currentTarget.value);
            setError(undefined);
          }}
        />
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
