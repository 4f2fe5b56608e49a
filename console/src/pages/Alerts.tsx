// What someone should look at.
import { Button, Card, Group, SegmentedControl, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle, IconBellCheck, IconCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { api, changed } from '../api/client';
import { useMay } from '../app/useSession';
import { Page } from '../components/Page';
import { Empty, Shown } from '../components/states';
import { relative, words } from '../lib/format';
import { usePaging } from '../lib/paging';
import { AnchorLink } from '../components/links';

export default function Alerts() {
  const admin = useMay('ADMIN');
  const [which, setWhich] = useState('open');
  const paging = usePaging(which);
  const query = api.useQuery(
    'get',
    '/api/alerts',
    { params: { query: { limit: 25, cursor: paging.cursor, open: which === 'open' ? true : undefined } } },
    { placeholderData: (before) => before },
  );
  const acknowledge = api.useMutation('post', '/api/alerts/{id}/acknowledge', { onSuccess: () => changed('alerts') });
  return (
    <Page title="Alerts" about="What someone should look at.">
      <SegmentedControl
        aria-label="Which alerts"
        size="xs"
        style={{ alignSelf: 'flex-start' }}
        value={which}
        onChange={setWhich}
        data={[
          { value: 'open', label: 'Open' },
          { value: 'all', label: 'All' },
        ]}
      />
      <Shown query={query}>
        {({ data, nextCursor }) =>
          data.length === 0 ? (
            <Card>
              <Empty icon={IconBellCheck} title="All is well">
                When a provider refuses your account, or a message needs a decision, it says so here.
              </Empty>
            </Card>
          ) : (
            <Stack gap="sm">
              {data.map((alert) => (
                <Card key={alert.id} padding="md">
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
                        {alert.subject?.startsWith('msg_') && (
                          <AnchorLink to="/messages/$id" params={{ id: alert.subject }} size="xs">
                            The message
                          </AnchorLink>
                        )}
                      </Group>
                    </Stack>
                    {!alert.acknowledgedAt && admin && (
                      <Button
                        size="xs"
                        variant="default"
                        loading={acknowledge.isPending && acknowledge.variables.params.path.id === alert.id}
                        onClick={() => acknowledge.mutate({ params: { path: { id: alert.id } } })}
                      >
                        Seen
                      </Button>
                    )}
                  </Group>
                </Card>
              ))}
              {(nextCursor || paging.page > 1) && (
                <Group justify="flex-end">
                  <Button variant="default" size="xs" disabled={paging.page === 1} onClick={paging.previous}>
                    Back
                  </Button>
                  <Button variant="default" size="xs" disabled={!nextCursor} onClick={() => nextCursor && paging.next(nextCursor)}>
                    Next
                  </Button>
                </Group>
              )}
            </Stack>
          )
        }
      </Shown>
    </Page>
  );
}
