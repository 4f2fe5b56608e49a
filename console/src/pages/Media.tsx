// The files that can go with messages.
import { Anchor, Button, FileButton, Text } from '@mantine/core';
import { IconPaperclip, IconUpload } from '@tabler/icons-react';
import type { Media as File } from '../api/schema';
import { after, api, data, fetcher, KEEP } from '../api/client';
import { showProblem } from '../api/problem';
import { useMay } from '../app/useSession';
import { actionColumn, column, Dim, whenColumn } from '../components/columns';
import { DataTable } from '../components/DataTable';
import { Page } from '../components/Page';
import { RemoveButton } from '../components/RemoveButton';
import { Empty } from '../components/states';
import { StateBadge } from '../components/StateBadge';
import { useMediaUpload } from '../components/useMediaUpload';
import { bytes } from '../lib/format';
import { usePaging } from '../lib/paging';

/** The link is made when it is asked for: it is good for a day. */
async function open(id: string) {
  const { url } = await data(fetcher.GET('/api/media/{id}', { params: { path: { id } } }));
  if (url) window.open(url, '_blank', 'noopener');
}

export default function Media() {
  const may = useMay('MEMBER');
  const paging = usePaging('media');
  const query = api.useQuery('get', '/api/media', { params: { query: { limit: 25, cursor: paging.cursor } } }, KEEP);
  const remove = api.useMutation('delete', '/api/media/{id}', after(null, 'media'));
  const { upload, isPending } = useMediaUpload(null);
  const action = may && (
    <FileButton onChange={(file) => file && upload(file)}>
      {(props) => (
        <Button {...props} loading={isPending} leftSection={<IconUpload size={16} aria-hidden />}>
          Upload a file
        </Button>
      )}
    </FileButton>
  );
  return (
    <Page title="Files" about="Pictures and documents that go with e-mails and WhatsApp messages, at most 16 MB each." actions={action}>
      <DataTable<File>
        label="Files"
        query={query}
        paging={paging}
        columns={[
          column('File', ({ id, fileName, status }) =>
            status === 'READY' ? (
              <Anchor component="button" type="button" size="sm" fw={600} c="inherit" onClick={() => void open(id).catch(showProblem)}>
                {fileName}
              </Anchor>
            ) : (
              <Text size="sm" fw={600}>
                {fileName}
              </Text>
            ),
          ),
          column('State', ({ status, error }) => (
            <>
              <StateBadge state={status} />
              {error && <Dim size="xs">{error.detail}</Dim>}
            </>
          )),
          column('Size', ({ size }) => (size == null ? '–' : bytes(size)), { numeric: true, wide: true }),
          whenColumn('Made', ({ createdAt }) => createdAt),
          actionColumn(
            ({ id, fileName }) =>
              may && <RemoveButton name={fileName} verb="Delete" text="Messages that name it and have not gone out reach nobody." onConfirm={() => remove.mutate({ params: { path: { id } } })} />,
          ),
        ]}
        empty={
          <Empty icon={IconPaperclip} title="No files yet" action={action}>
            A price list, an invitation, a picture: upload it once, send it with as many messages as you like.
          </Empty>
        }
      />
    </Page>
  );
}
