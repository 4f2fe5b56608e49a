// One copy of a message: its text, its attempts, what the provider said, and what can be done about it.
import { Alert, Button, Code, Drawer, Group, Stack, Text, Timeline, Title } from '@mantine/core';
import { after, api } from '../api/client';
import type { Engagement, Resolution } from '../api/schema';
import { STATE_COLORS } from '../app/theme';
import { useMay } from '../app/useSession';
import { CHANNELS, dateTime, money, number, words } from '../lib/format';
import { AnchorLink } from './links';
import { Facts } from './Section';
import { SentText } from './SentText';
import { StateBadge } from './StateBadge';
import { Shown } from './states';
import { useProviders } from './useProviders';

export function DeliveryDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  return (
    <Drawer opened={!!id} onClose={onClose} position="right" size="md" title={<Text fw={650}>Delivery</Text>}>
      {id && <Details id={id} />}
    </Drawer>
  );
}

/** What the recipient did with it, as the provider tells. */
function engaged({ opens, lastOpenedAt, clicks, lastClickedAt, lastLink }: Engagement) {
  const times = (count: number, at: string | null) => (count ? `${number(count)} ×, last ${dateTime(at)}` : 'not told');
  return [
    ['Opened', times(opens, lastOpenedAt)],
    ['Followed a link', [times(clicks, lastClickedAt), lastLink].filter(Boolean).join(' · ')],
  ] as const;
}

function Details({ id }: { id: string }) {
  const member = useMay('MEMBER');
  const admin = useMay('ADMIN');
  const { name } = useProviders();
  const query = api.useQuery('get', '/api/deliveries/{id}', { params: { path: { id } } });
  const done = after('Done. The message goes on with it.', 'deliveries', 'messages', 'contacts', 'conversations');
  const retry = api.useMutation('post', '/api/deliveries/{id}/retry', done);
  const resolve = api.useMutation('post', '/api/deliveries/{id}/resolve', done);
  const decide = (action: Resolution) => resolve.mutate({ params: { path: { id } }, body: { action } });

  return (
    <Shown query={query}>
      {(delivery) => (
        <Stack>
          <Group justify="space-between">
            <Text fw={600} fz="lg">
              {delivery.recipient}
            </Text>
            <StateBadge state={delivery.status} size="lg" />
          </Group>
          {delivery.errorMessage && (
            <Alert color={STATE_COLORS[delivery.status]} title={words(delivery.reason)}>
              {delivery.errorMessage}
            </Alert>
          )}
          <SentText channel={delivery.channel} body={delivery.body} />
          <Facts
            rows={[
              [
                'Message',
                <AnchorLink key="message" to="/messages/$id" params={{ id: delivery.messageId }} size="sm">
                  Open it
                </AnchorLink>,
              ],
              ['Channel', CHANNELS[delivery.channel]],
              [
                'Provider',
                <AnchorLink key="provider" to="/providers/$id" params={{ id: delivery.providerId }} size="sm">
                  {name(delivery.providerId) ?? 'A deleted one'}
                </AnchorLink>,
              ],
              ...(delivery.route ? [['Picked because', delivery.route] as const] : []),
              ['Segments', number(delivery.segments)],
              ['Cost', money(delivery.cost)],
              ['Sent', dateTime(delivery.sentAt)],
              ['Delivered', dateTime(delivery.deliveredAt)],
              ['Read', dateTime(delivery.readAt)],
              ...(delivery.engagement ? engaged(delivery.engagement) : []),
              ['Id at the provider', delivery.providerMessageId ?? '–'],
            ]}
          />
          {delivery.attempts.length > 0 && (
            <div>
              <Title order={3} mb="sm">
                Attempts
              </Title>
              <Timeline bulletSize={16} lineWidth={2} active={delivery.attempts.length}>
                {delivery.attempts.map((attempt) => (
                  <Timeline.Item key={attempt.at} color={STATE_COLORS[attempt.status]} title={words(attempt.status)}>
                    <Text size="sm" c="dimmed">
                      {dateTime(attempt.at)} {attempt.reason ? `· ${attempt.reason}` : ''}
                    </Text>
                  </Timeline.Item>
                ))}
              </Timeline>
            </div>
          )}
          {delivery.providerResponse && (
            <div>
              <Title order={3} mb="xs">
                The provider’s answer
              </Title>
              <Code block>{delivery.providerResponse}</Code>
            </div>
          )}
          {delivery.status === 'FAILED' && member && (
            <Button onClick={() => retry.mutate({ params: { path: { id } } })} loading={retry.isPending}>
              Send it again
            </Button>
          )}
          {delivery.status === 'UNKNOWN' && admin && (
            <Alert color="yellow" title="Nobody knows whether the provider took it">
              <Text size="sm" mb="sm">
                Ask the provider, or the recipient. Sending it again may reach them twice.
              </Text>
              <Group gap="xs">
                <Button size="xs" onClick={() => decide('ASSUME_SENT')} loading={resolve.isPending}>
                  It was sent
                </Button>
                <Button size="xs" variant="default" onClick={() => decide('RESEND')}>
                  Send it again
                </Button>
                <Button size="xs" variant="default" onClick={() => decide('FAIL')}>
                  It failed
                </Button>
              </Group>
            </Alert>
          )}
        </Stack>
      )}
    </Shown>
  );
}
