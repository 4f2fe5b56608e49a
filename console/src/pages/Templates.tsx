// The templates: the organization's own, and those that come with the program.
import { Badge } from '@mantine/core';
import { IconBrandWhatsapp, IconLock, IconPlus, IconTemplate } from '@tabler/icons-react';
import type { ColumnDef } from '@tanstack/react-table';
import { useState } from 'react';
import { api, KEEP } from '../api/client';
import type { Template } from '../api/schema';
import { useMay } from '../app/useSession';
import { column, Dim, Named } from '../components/columns';
import { DataTable } from '../components/DataTable';
import { Choice } from '../components/filters';
import { AnchorLink, ButtonLink } from '../components/links';
import { Page } from '../components/Page';
import { Empty } from '../components/states';
import { CHANNELS, words } from '../lib/format';
import { usePaging } from '../lib/paging';

const columns: ColumnDef<Template>[] = [
  column('Name', ({ id, name, body, isCustom }) => (
    <Named note={body}>
      <AnchorLink to="/templates/$id" params={{ id }} c="inherit" inherit>
        {name}
      </AnchorLink>{' '}
      {!isCustom && <IconLock size={13} aria-label="Cannot be changed" style={{ verticalAlign: '-1px', opacity: 0.6 }} />}
    </Named>
  )),
  column('Channel', ({ channel }) => <Badge color="gray">{CHANNELS[channel]}</Badge>, { wide: true }),
  column('For', ({ event }) => <Dim>{event ? words(event) : 'anything'}</Dim>),
];

export default function Templates() {
  const may = useMay('MEMBER');
  const [which, setWhich] = useState<string>();
  const paging = usePaging(which);
  const query = api.useQuery('get', '/api/templates', { params: { query: { limit: 25, cursor: paging.cursor, isCustom: which === undefined ? undefined : which === 'own' } } }, KEEP);
  const create = may && (
    <ButtonLink to="/templates/$id" params={{ id: 'new' }} leftSection={<IconPlus size={16} aria-hidden />}>
      New template
    </ButtonLink>
  );
  const choice = (
    <Choice
      label="Which templates"
      value={which}
      onChange={setWhich}
      data={[
        { value: 'own', label: 'That can be changed' },
        { value: 'locked', label: 'Locked' },
      ]}
    />
  );
  const empty = (
    <Empty icon={IconTemplate} title="No templates here" action={create}>
      A template is a text with variables, such as a reminder.
    </Empty>
  );
  return (
    <Page
      title="Templates"
      about="Texts to use again."
      actions={
        <>
          <ButtonLink variant="default" to="/templates/whatsapp" leftSection={<IconBrandWhatsapp size={16} aria-hidden />}>
            WhatsApp
          </ButtonLink>
          {create}
        </>
      }
    >
      <DataTable label="Templates" columns={columns} query={query} paging={paging} opens bar={choice} empty={empty} />
    </Page>
  );
}
