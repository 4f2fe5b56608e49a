// What the sandbox would have sent, as phones show it.
import { Button, Card, Group, Stack, Text } from '@mantine/core';
import { IconDeviceMobileMessage } from '@tabler/icons-react';
import { api } from '../api/client';
import { Page } from '../components/Page';
import { StateBadge } from '../components/StateBadge';
import { Empty, Shown } from '../components/states';
import { relative } from '../lib/format';
import { usePaging } from '../lib/paging';
import { AnchorLink } from '../components/links';

export default function Outbox() {
  const paging = usePaging('outbox');
  const query = api.useQuery(
    'get',
    '/api/sandbox/outbox',
    { params: { query: { limit: 24, cursor: paging.cursor } } },
    { placeholderData: (before) => before, refetchInterval: 10_000 },
  );
  return (
    <Page title="Sandbox outbox" about="What the sandbox would have sent, as phones show it. It reached nobody.">
      <Shown query={query}>
        {({ data, nextCursor }) =>
          data.length === 0 ? (
            <Card>
              <Empty icon={IconDeviceMobileMessage} title="Nothing yet">
                Add the sandbox as a provider and send a message by it.
              </Empty>
            </Card>
          ) : (
            <Stack>
              <div className="phones">
                {data.map((entry) => (
                  <Card key={entry.deliveryId} padding="md">
                    <Group justify="space-between" mb="xs" wrap="nowrap">
                      <Text fw={650} size="sm" truncate>
                        {entry.to}
                      </Text>
                      <StateBadge state={entry.status} />
                    </Group>
                    <div className="bubble">{entry.body}</div>
                    <Group justify="space-between" mt="sm">
                      <Text size="xs" c="dimmed">
                        {entry.channel} · {relative(entry.at)}
                      </Text>
                      {entry.messageId && (
                        <AnchorLink to="/messages/$id" params={{ id: entry.messageId }} size="xs" aria-label={`Message to ${entry.to}`}>
                          Message
                        </AnchorLink>
                      )}
                    </Group>
                  </Card>
                ))}
              </div>
              <Group justify="flex-end">
                <Button variant="default" size="xs" disabled={paging.page === 1} onClick={paging.previous}>
                  Back
                </Button>
                <Button variant="default" size="xs" disabled={!nextCursor} onClick={() => nextCursor && paging.next(nextCursor)}>
                  Next
                </Button>
              </Group>
            </Stack>
          )
        }
      </Shown>
    </Page>
  );
}
