// What a message would be: recipients, segments, cost, who is left out and why, and what each of some would read.
import { ActionIcon, Alert, Badge, Button, Card, Divider, Group, List, Loader, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { api, queries } from '../api/client';
import { sentence } from '../api/problem';
import type { Channel, MessageRequest, ProviderConfig, SmartEstimate } from '../api/schema';
import { counted, money, number, words } from '../lib/format';
import { called } from './contactColumns';
import { AnchorLink } from './links';
import { MailFrame } from './MailFrame';
import { Section } from './Section';
import { useContacts } from './useContacts';

const ESTIMATE = ['post', '/api/messages/estimate'] as const;

/** The server's estimate of what is being written, a moment after the last key. */
export function useEstimate(request: MessageRequest | null) {
  const [asked] = useDebouncedValue(request ? JSON.stringify(request) : null, 400);
  return api.useQuery(
    ...ESTIMATE,
    { body: JSON.parse(asked ?? '{"recipientType":"MIXED"}') as MessageRequest },
    { enabled: asked !== null && request !== null, placeholderData: request ? (before) => before : undefined, retry: false },
  );
}

/** The estimate of just this request, for whoever is about to send it: the one above may still be that of a moment ago. */
export const estimateOf = (request: MessageRequest) => queries.fetchQuery(api.queryOptions(...ESTIMATE, { body: request }));

/** Some of those whom it goes to, and the attributes they have. */
export function usePreviews(recipients: string[]) {
  const group = recipients.find((one) => one.startsWith('grp_'));
  const members = api.useQuery(
    'get',
    '/api/groups/{id}/contacts',
    { params: { path: { id: group ?? '' }, query: { limit: 10 } } },
    { enabled: !!group },
  );
  const contacts = group ? (members.data?.data ?? []) : [];
  const chosen = useContacts(recipients);
  const address = (to: string) => {
    const contact = chosen.get(to);
    return { to, label: contact ? called(contact) : to.startsWith('con_') ? 'a contact' : to };
  };
  return {
    recipients: [...contacts.map((contact) => ({ to: contact.id, label: called(contact) })), ...recipients.filter((one) => !one.startsWith('grp_')).map(address)],
    attributes: [...new Set([...contacts, ...chosen.values()].flatMap(({ attributes }) => Object.keys(attributes)))],
  };
}

interface Props {
  estimate: ReturnType<typeof useEstimate>;
  request: MessageRequest | null;
  channel: Channel;
  previews: { to: string; label: string }[];
  text: string;
  /** Who sends, as far as it is known. */
  provider?: ProviderConfig;
  onSmart: (smart: boolean) => void;
}

export function Estimate({ estimate, request, channel, previews, text, provider, onSmart }: Props) {
  const [shown, setShown] = useState(0);
  const at = Math.min(shown, Math.max(previews.length - 1, 0));
  const one = previews[at];
  const single = useEstimate(request && one ? { ...request, recipientType: 'MIXED', recipientId: null, recipients: [one.to] } : null);
  const seen = (one && single.data) || (request ? estimate.data : undefined);
  const read = seen?.preview || text;
  const about = one ? `As ${one.label} reads it` : 'As they read it';
  const data = request ? estimate.data : undefined;

  return (
    <Stack pos={{ md: 'sticky' }} top={24}>
      {channel === 'EMAIL' ? (
        <Stack gap="xs" data-testid="preview">
          <Text size="xs" c="dimmed" ta="center">
            {about}
          </Text>
          {seen?.mail ? (
            <MailFrame {...seen.mail} from={provider?.senderId} replyTo={replyTo(provider)} />
          ) : (
            <Card>
              <Text size="sm" c="dimmed" ta="center" py={60}>
                Your mail shows here, once it has a recipient, a subject and a text.
              </Text>
            </Card>
          )}
        </Stack>
      ) : (
        <div className="phone">
          <div className="phone-screen" data-testid="preview">
            <Text size="xs" c="dimmed" ta="center" mb="sm">
              {about}
            </Text>
            {read ? (
              <div className="bubble">{read}</div>
            ) : (
              <Text size="sm" c="dimmed" ta="center" mt={80}>
                Your text shows here.
              </Text>
            )}
          </div>
        </div>
      )}
      {previews.length > 1 && (
        <Group justify="center" gap="xs">
          <ActionIcon aria-label="The one before" disabled={at === 0} onClick={() => setShown(at - 1)}>
            <IconChevronLeft size={16} aria-hidden />
          </ActionIcon>
          <Text size="sm" c="dimmed" aria-live="polite">
            {at + 1} of {previews.length}
          </Text>
          <ActionIcon aria-label="The next one" disabled={at >= previews.length - 1} onClick={() => setShown(at + 1)}>
            <IconChevronRight size={16} aria-hidden />
          </ActionIcon>
        </Group>
      )}
      <Section title="Estimate" aside={estimate.isFetching && <Loader size={16} aria-label="Estimating" />} data-testid="estimate">
        {request && estimate.error ? (
          <Alert color="orange" p="sm">
            {sentence(estimate.error)}
          </Alert>
        ) : data ? (
          <Stack gap={8}>
            <Line label="Recipients" value={number(data.sendable)} />
            {data.encoding && <Line label="Segments" value={number(data.segments)} />}
            <Line label="Cost" value={data.cost ? money(data.cost) : 'not known'} />
            {!data.cost && (
              <Text size="xs" c="dimmed">
                Some recipients have no price in your{' '}
                <AnchorLink to="/prices" inherit underline="always">
                  price table
                </AnchorLink>
                .
              </Text>
            )}
            {data.encoding === 'UCS2' && (
              <Text size="xs" c="dimmed">
                Some copies hold characters beyond the plain alphabet.
              </Text>
            )}
            {data.smart && <Smart smart={data.smart} onSmart={onSmart} />}
            {!data.exact && <Badge color="gray">From a sample</Badge>}
            {data.skipped.length > 0 && (
              <>
                <Divider />
                <Text size="sm" fw={600}>
                  Left out
                </Text>
                <List size="sm" spacing={2}>
                  {data.skipped.map(({ reason, count }) => (
                    <List.Item key={reason}>
                      {number(count)} × {words(reason).toLowerCase()}
                    </List.Item>
                  ))}
                </List>
              </>
            )}
          </Stack>
        ) : (
          <Text size="sm" c="dimmed">
            Choose who gets it and write the text.
          </Text>
        )}
      </Section>
    </Stack>
  );
}

/** What plain characters in place of curly ones do, or would do. */
function Smart({ smart: { applied, replaced, segmentsBefore, segmentsAfter }, onSmart }: { smart: SmartEstimate; onSmart: (smart: boolean) => void }) {
  const saved = segmentsBefore - segmentsAfter;
  if (replaced.length === 0 || (!applied && saved <= 0)) return null;
  const pairs = replaced.slice(0, 6).map(({ from, to }) => `${from} → ${to || 'nothing'}`);
  return (
    <Alert color={applied ? 'teal' : 'orange'} p="sm">
      <Text size="sm">
        {applied ? 'Plain characters go out' : 'Plain characters would do'}: {pairs.join(', ')}
        {replaced.length > pairs.length && ' …'}
        {saved > 0 && `, which ${applied ? 'saves' : 'would save'} ${counted(saved, 'segment')}`}.
      </Text>
      <Button size="compact-xs" variant="subtle" mt={4} onClick={() => onSmart(!applied)}>
        {applied ? 'Send it as it is written' : 'Replace them'}
      </Button>
    </Alert>
  );
}

function replyTo(provider: ProviderConfig | undefined): string | null {
  const address = (provider?.settings as { replyTo?: unknown } | undefined)?.replyTo;
  return typeof address === 'string' ? address : null;
}

function Line({ label, value }: { label: string; value: string }) {
  return (
    <Group justify="space-between">
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text fw={650} style={{ fontVariantNumeric: 'tabular-nums' }}>
        {value}
      </Text>
    </Group>
  );
}
