// What someone should look at.
import { Button, Card, Group, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle, IconBellCheck, IconCheck, IconMail } from '@tabler/icons-react';
import { useState } from 'react';
import { after, api, KEEP } from '../api/client';
import type { Alert } from '../api/schema';
import { useMay } from '../app/useSession';
import { Choice } from '../components/filters';
import { AnchorLink, ButtonLink } from '../components/links';
import { Page } from '../components/Page';
import { Empty, Listed } from '../components/states';
import { relative, words } from '../lib/format';
import { usePaging } from '../lib/paging';

export default function Alerts() {
  const admin = useMay('ADMIN');
  const [which, setWhich] = useState<string | undefined>('open');
  const paging = usePaging(which);
  const query = api.useQuery('get', '/api/alerts', { params: { query: { limit: 25, cursor: paging.cursor, open: which === 'open' ? true : undefined } } }, KEEP);
  const empty = (
    <Empty icon={IconBellCheck} title="All is well">
      When a provider refuses your account, or a message needs a decision, it says so here.
    </Empty>
  );
  return (
    <Page
      title="Alerts"
      about="What someone should look at."
      actions={
        admin && (
          <ButtonLink variant="default" to="/alerts/mails" leftSection={<IconMail size={16} aria-hidden />}>
            By mail
          </ButtonLink>
        )
      }
    >
      <Choice label="Which alerts" value={which} onChange={setWhich} data={[{ value: 'open', label: 'Open' }]} />
      <Listed query={query} paging={paging} empty={empty}>
        {(alerts) => alerts.map((alert) => <AlertCard key={alert.id} alert={alert} />)}
      </Listed>
    </Page>
  );
}

function AlertCard({ alert }: { alert: Alert }) {
  const admin = useMay('ADMIN');
  const acknowledge = api.useMutation('post', '/api/alerts/{id}/acknowledge', after(null, 'alerts'));
  return (
    <Card padding="md">
      <Group wrap="nowrap" align="flex-start">
        <ThemeIcon variant="light" color={alert.acknowledgedAt ? 'gray' : 'orange'} size={36}>
          {alert.acknowledgedAt ? <IconCheck size={20} aria-hidden /> : <IconAlertTriangle size={20} aria-hidden />}
        </ThemeIcon>
        <Stack gap={2} flex={1}>
          <Text fw={600}>{words(alert.kind)}</Text>
          <Text size="sm">{alert.detail}</Text>
          <Group gap="sm">
            <Text size="xs" c="dimmed">
              {relative(alert.createdAt)}
              {alert.acknowledgedAt && `, seen ${relative(alert.acknowledgedAt)}`}
            </Text>
            {alert.subject?.startsWith('prv_') && (
              <AnchorLink to="/providers/$id" params={{ id: alert.subject }} size="xs">
                The provider
              </AnchorLink>
            )}
            {alert.subject?.startsWith('whe_') && (
              <AnchorLink to="/webhooks/$id" params={{ id: alert.subject }} size="xs">
                The endpoint
              </AnchorLink>
            )}
            {alert.subject?.startsWith('msg_') && (
              <AnchorLink to="/messages/$id" params={{ id: alert.subject }} size="xs">
                The message
              </AnchorLink>
            )}
          </Group>
        </Stack>
        {!alert.acknowledgedAt && admin && (
          <Button size="xs" variant="default" loading={acknowledge.isPending} onClick={() => acknowledge.mutate({ params: { path: { id: alert.id } } })}>
            Seen
          </Button>
        )}
      </Group>
    </Card>
  );
}
