// What the sandbox would have sent, as phones show it.
import { Card, Group, Text } from '@mantine/core';
import { IconDeviceMobileMessage } from '@tabler/icons-react';
import { api, KEEP } from '../api/client';
import { AnchorLink } from '../components/links';
import { Page } from '../components/Page';
import { SentText } from '../components/SentText';
import { StateBadge } from '../components/StateBadge';
import { Empty, Listed } from '../components/states';
import { CHANNELS, relative } from '../lib/format';
import { usePaging } from '../lib/paging';

export default function Outbox() {
  const paging = usePaging('outbox');
  const query = api.useQuery('get', '/api/sandbox/outbox', { params: { query: { limit: 24, cursor: paging.cursor } } }, { ...KEEP, refetchInterval: 10_000 });
  const empty = (
    <Empty icon={IconDeviceMobileMessage} title="Nothing yet">
      Add the sandbox as a provider and send a message by it.
    </Empty>
  );
  return (
    <Page title="Sandbox outbox" about="What the sandbox would have sent, as phones show it. It reached nobody.">
      <Listed query={query} paging={paging} empty={empty}>
        {(entries) => (
          <div className="phones">
            {entries.map((entry) => (
              <Card key={entry.deliveryId} padding="md">
                <Group justify="space-between" mb="xs" wrap="nowrap">
                  <Text fw={650} size="sm" truncate>
                    {entry.to}
                  </Text>
                  <StateBadge state={entry.status} />
                </Group>
                <SentText channel={entry.channel} body={entry.body} />
                <Group justify="space-between" mt="sm">
                  <Text size="xs" c="dimmed">
                    {CHANNELS[entry.channel]} · {relative(entry.at)}
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
        )}
      </Listed>
    </Page>
  );
}
