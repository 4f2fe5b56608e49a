// Beginning an import, and those before.
import { Button, Card, Group as Row, Progress, Select, Stack, Text } from '@mantine/core';
import { Dropzone } from '@mantine/dropzone';
import '@mantine/dropzone/styles.css';
import { useMutation } from '@tanstack/react-query';
import { IconFileImport, IconFileSpreadsheet, IconPlus, IconX } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import { useRef, useState } from 'react';
import { api, changed, data, fetcher, KEEP } from '../api/client';
import { showProblem } from '../api/problem';
import type { Import } from '../api/schema';
import { put } from '../api/upload';
import { useMay } from '../app/useSession';
import { column, whenColumn } from '../components/columns';
import { DataTable } from '../components/DataTable';
import { GroupForm } from '../components/GroupForm';
import { Page } from '../components/Page';
import { Part } from '../components/Section';
import { StateBadge } from '../components/StateBadge';
import { Empty } from '../components/states';
import { useGroups } from '../components/useGroups';
import { bytes, number, percent } from '../lib/format';
import { usePaging } from '../lib/paging';
import { AnchorLink } from '../components/links';

/** By name, for browsers disagree on the types; the server goes by the bytes. */
const ENDINGS = ['.xlsx', '.xlsm', '.xls', '.xlsb', '.ods', '.csv', '.tsv', '.txt', '.json', '.ndjson'];
const MOST = 200 * 1024 * 1024;

const columns: ColumnDef<Import>[] = [
  column('File', ({ id, fileName }) => (
    <AnchorLink to="/imports/$id" params={{ id }} c="inherit" fw={600} size="sm">
      {fileName}
    </AnchorLink>
  )),
  column('Status', ({ status }) => <StateBadge state={status} />),
  column('Rows', ({ counts }) => number(counts.rows), { numeric: true }),
  column('New contacts', ({ counts }) => number(counts.created), { numeric: true, wide: true }),
  whenColumn('When', ({ createdAt }) => createdAt),
];

export default function Imports() {
  const navigate = useNavigate();
  const { groupId: given } = useSearch({ from: '/inside/imports' });
  const may = useMay('MEMBER');
  const { options } = useGroups();
  const [groupId, setGroupId] = useState<string | null>(given ?? null);
  const [making, setMaking] = useState(false);
  const [sent, setSent] = useState<{ name: string; size: number; sent: number }>();
  const stop = useRef<AbortController>(undefined);
  const paging = usePaging('imports');
  const query = api.useQuery('get', '/api/imports', { params: { query: { limit: 10, cursor: paging.cursor } } }, KEEP);

  const upload = useMutation({
    mutationFn: async (file: File) => {
      stop.current = new AbortController();
      setSent({ name: file.name, size: file.size, sent: 0 });
      const started = await data(fetcher.POST('/api/imports', { body: { fileName: file.name, groupId, mode: 'PREVIEW' } }));
      if (!started.upload) throw new Error('The server gave no address for the file.');
      await put(started.upload, file, (done) => setSent({ name: file.name, size: file.size, sent: done }), stop.current.signal);
      return started.id;
    },
    onSuccess: (id) => {
      void changed('imports');
      return navigate({ to: '/imports/$id', params: { id } });
    },
    onSettled: () => setSent(undefined),
  });

  return (
    <Page title="Import" about="From a spreadsheet to contacts. You see what is wrong before anything is stored.">
      {may && (
        <Card>
          <Stack>
            <Row align="flex-end" gap="xs">
              <Select
                label="Into the group"
                description="Everyone in the file joins it"
                placeholder="No group"
                data={options}
                value={groupId}
                onChange={setGroupId}
                clearable
                searchable
                flex={1}
                maw={360}
              />
              <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
                New group
              </Button>
            </Row>
            {sent ? (
              <Card bg="var(--ground)" py="xl">
                <Row justify="space-between" mb="xs">
                  <Text fw={600}>{sent.name}</Text>
                  <Text size="sm" c="dimmed">
                    {bytes(sent.sent)} of {bytes(sent.size)} · {percent(sent.sent, sent.size)}
                  </Text>
                </Row>
                <Progress value={(100 * sent.sent) / Math.max(sent.size, 1)} aria-label="Upload" animated />
                <Button mt="md" variant="default" size="xs" style={{ alignSelf: 'flex-start' }} onClick={() => stop.current?.abort()}>
                  Stop
                </Button>
              </Card>
            ) : (
              <Dropzone
                className="drop"
                onDrop={([file]) => {
                  if (!file) return;
                  if (ENDINGS.some((ending) => file.name.toLowerCase().endsWith(ending))) upload.mutate(file);
                  else showProblem(new Error(`${file.name} is no spreadsheet. Expected ${ENDINGS.join(', ')}.`));
                }}
                onReject={([rejected]) => showProblem(new Error(rejected?.errors[0]?.message ?? 'This file cannot be imported.'))}
                maxSize={MOST}
                multiple={false}
                inputProps={{ 'aria-label': 'Spreadsheet' }}
              >
                <Stack align="center" gap={6} py={34} style={{ pointerEvents: 'none' }}>
                  <Dropzone.Accept>
                    <IconFileImport size={48} stroke={1.3} aria-hidden />
                  </Dropzone.Accept>
                  <Dropzone.Reject>
                    <IconX size={48} stroke={1.3} aria-hidden />
                  </Dropzone.Reject>
                  <Dropzone.Idle>
                    <IconFileSpreadsheet size={48} stroke={1.3} color="var(--mantine-primary-color-filled)" aria-hidden />
                  </Dropzone.Idle>
                  <Text fw={600} fz="lg">
                    Drop a spreadsheet here, or press to choose one
                  </Text>
                  <Text size="sm" c="dimmed" ta="center">
                    Excel, OpenDocument, CSV or JSON, up to 200 MB and a million rows. Names in the first column, numbers in the second, or with
                    headings.
                  </Text>
                </Stack>
              </Dropzone>
            )}
          </Stack>
        </Card>
      )}
      <Part title="Imports so far">
        <DataTable
          label="Imports"
          columns={columns}
          query={query}
          paging={paging}
          opens
          empty={
            <Empty icon={IconFileImport} title="No imports yet">
              Try it with docs/samples/contacts.xlsx: two hundred invented people.
            </Empty>
          }
        />
      </Part>
      {making && <GroupForm onClose={() => setMaking(false)} onMade={({ id }) => setGroupId(id)} />}
    </Page>
  );
}
