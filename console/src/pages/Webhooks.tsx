// The webhook endpoints: programs of the organization that are told what happened.
import { Badge, Button } from '@mantine/core';
import { IconPlus, IconWebhook } from '@tabler/icons-react';
import type { ColumnDef } from '@tanstack/react-table';
import { useState } from 'react';
import { api } from '../api/client';
import type { WebhookEndpoint } from '../api/schema';
import { useMay } from '../app/useSession';
import { column, Dim, Named, whenColumn } from '../components/columns';
import { DataTable } from '../components/DataTable';
import { AnchorLink } from '../components/links';
import { Page } from '../components/Page';
import { Empty } from '../components/states';
import { StateBadge } from '../components/StateBadge';
import { endpointState, WebhookForm } from '../components/WebhookForm';
import { number } from '../lib/format';

const columns: ColumnDef<WebhookEndpoint>[] = [
  column('Address', ({ id, url, description }) => (
    <Named note={description}>
      <AnchorLink to="/webhooks/$id" params={{ id }} c="inherit" inherit style={{ overflowWrap: 'anywhere' }}>
        {url}
      </AnchorLink>
    </Named>
  )),
  column('Events', ({ events }) => <Badge color="gray">{events.length ? number(events.length) : 'All'}</Badge>, { wide: true }),
  column('State', (endpoint) => (
    <>
      <StateBadge state={endpointState(endpoint)} />
      {endpoint.failingSince && <Dim size="xs">{endpoint.lastError}</Dim>}
    </>
  )),
  whenColumn('Changed', ({ updatedAt }) => updatedAt),
];

export default function Webhooks() {
  const admin = useMay('ADMIN');
  const [making, setMaking] = useState(false);
  const query = api.useQuery('get', '/api/webhook-endpoints', {}, { refetchInterval: 30_000 });
  const create = admin && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
      New endpoint
    </Button>
  );
  const empty = (
    <Empty icon={IconWebhook} title="No endpoints yet" action={create}>
      An endpoint is an address of your own program. It is told within a minute what was sent, what arrived, and what people wrote.
    </Empty>
  );
  return (
    <Page title="Webhooks" about="Your programs are told what happened, signed by a secret that only you and they know." actions={create}>
      <DataTable label="Webhook endpoints" columns={columns} query={query} opens empty={empty} />
      {making && <WebhookForm onClose={() => setMaking(false)} />}
    </Page>
  );
}
