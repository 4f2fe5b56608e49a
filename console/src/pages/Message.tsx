// One message: how far it is, who got it, and what can be done about it.
import { Alert, Button, Grid, Menu, Progress, Table, Text, Tooltip } from '@mantine/core';
import { IconBan, IconChevronDown, IconHelpCircle, IconPencil, IconPlayerPause, IconPlayerPlay, IconRefresh, IconSend, IconUsers } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { after, api, KEEP, queries } from '../api/client';
import type { DeliveryStatus, MessageDetail, Resolution } from '../api/schema';
import { STATE_COLORS } from '../app/theme';
import { useMay } from '../app/useSession';
import { Dim } from '../components/columns';
import { DangerButton } from '../components/confirm';
import { confirmSend } from '../components/confirmSend';
import { DeliveryTable } from '../components/DeliveryTable';
import { Choice, useFilters } from '../components/filters';
import { AnchorLink, ButtonLink } from '../components/links';
import { Page } from '../components/Page';
import { Part, Section } from '../components/Section';
import { SentText } from '../components/SentText';
import { StateBadge } from '../components/StateBadge';
import { Empty, Shown } from '../components/states';
import { dateTime, number, options, percent, words } from '../lib/format';
import { usePaging } from '../lib/paging';
import { backingOff } from '../lib/polling';

const STATES = ['read', 'delivered', 'sent', 'failed', 'unknown', 'skipped', 'cancelled', 'pending'] as const;

const PAUSES: Record<string, string> = {
  LATE: 'Its time passed before it could go out. Send it now, or cancel it.',
  PROVIDER: 'The provider refuses the account. Put that right, then go on.',
  CREDITS: 'The account at the provider is empty. Top it up, then go on.',
  USER: 'Someone paused it.',
  REVIEW: 'Nobody knows whether the provider took some copies. Decide about them below.',
};

/** Receipts come for a while after the last copy was handed over. */
const QUIET_AFTER = 10 * 60_000;

function underWay({ status, counts, finishedAt }: MessageDetail): boolean {
  if (['PENDING', 'SENDING', 'SCHEDULED'].includes(status)) return true;
  return status === 'SENT' && counts.sent > 0 && !!finishedAt && Date.now() - Date.parse(finishedAt) < QUIET_AFTER;
}

export default function Message() {
  const { id } = useParams({ from: '/inside/messages/$id' });
  const interval = useMemo(() => backingOff<MessageDetail>(underWay, ({ status, counts }) => [status, counts]), []);
  const query = api.useQuery('get', '/api/messages/{id}', { params: { path: { id } } }, { refetchInterval: interval, staleTime: 0 });
  return (
    <Shown query={query}>
      {(message) => (
        <Page
          title={message.title}
          badge={<StateBadge state={message.status} size="lg" />}
          back={{ to: '/messages', label: 'Messages' }}
          about={
            message.status === 'SCHEDULED'
              ? `Goes out ${dateTime(message.scheduledAt)}`
              : message.sentAt
                ? `Sent ${dateTime(message.sentAt)}${message.finishedAt ? `, done ${dateTime(message.finishedAt)}` : ''}`
                : `Made ${dateTime(message.createdAt)}`
          }
          actions={<Actions message={message} />}
        >
          {message.status === 'PAUSED' && (
            <Alert color="orange" title="Paused">
              {PAUSES[message.pauseReason ?? ''] ?? words(message.pauseReason)}
            </Alert>
          )}
          {message.error && (
            <Alert color="red" title="It could not be sent">
              {message.error}
            </Alert>
          )}
          {message.counts.unknown > 0 && <Unknown message={message} />}
          <Grid>
            <Grid.Col span={{ base: 12, md: 8 }}>
              <Reach message={message} />
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 4 }}>
              <Section title="Text" h="100%">
                <SentText channel={message.channel} subject={message.subject} body={message.body} />
              </Section>
            </Grid.Col>
          </Grid>
          <Recipients message={message} />
        </Page>
      )}
    </Shown>
  );
}

function Actions({ message: { id, status, counts, title, scheduledAt } }: { message: MessageDetail }) {
  const may = useMay('MEMBER');
  const done = (text: string) => after(text, 'messages', 'deliveries', 'dashboard');
  const path = { params: { path: { id } } };
  const cancel = api.useMutation('delete', '/api/messages/{id}', done('Cancelled. Nobody gets it any more.'));
  const send = api.useMutation('post', '/api/messages/{id}/send', done('It is on its way.'));
  const price = useMutation({
    mutationFn: () => queries.fetchQuery(api.queryOptions('get', '/api/messages/{id}/estimate', path)),
    onSuccess: (known) => confirmSend(known, scheduledAt && Date.parse(scheduledAt) > Date.now() ? scheduledAt : null, () => send.mutate(path)),
  });
  const pause = api.useMutation('post', '/api/messages/{id}/pause', done('Paused.'));
  const resume = api.useMutation('post', '/api/messages/{id}/resume', done('It goes on.'));
  const resend = api.useMutation('post', '/api/messages/{id}/resend', done('What failed is sent again.'));
  if (!may) return null;
  const waits = status === 'DRAFT' || status === 'SCHEDULED';
  return (
    <>
      {(waits || status === 'PENDING' || status === 'SENDING' || status === 'PAUSED') && (
        <DangerButton
          leftSection={<IconBan size={16} aria-hidden />}
          loading={cancel.isPending}
          title={`Cancel “${title}”?`}
          text="Whoever has it keeps it; nobody else gets it. This cannot be taken back."
          label="Cancel the message"
          onConfirm={() => cancel.mutate(path)}
        >
          Cancel
        </DangerButton>
      )}
      {waits && (
        <ButtonLink variant="default" leftSection={<IconPencil size={16} aria-hidden />} to="/messages/new" search={{ edit: id }}>
          Edit
        </ButtonLink>
      )}
      {status === 'DRAFT' && (
        <Button leftSection={<IconSend size={16} aria-hidden />} loading={price.isPending || send.isPending} onClick={() => price.mutate()}>
          Send
        </Button>
      )}
      {(status === 'SENDING' || status === 'PENDING') && (
        <Button variant="default" leftSection={<IconPlayerPause size={16} aria-hidden />} loading={pause.isPending} onClick={() => pause.mutate(path)}>
          Pause
        </Button>
      )}
      {status === 'PAUSED' && (
        <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} loading={resume.isPending} onClick={() => resume.mutate(path)}>
          Go on
        </Button>
      )}
      {(status === 'SENT' || status === 'FAILED') && counts.failed > 0 && (
        <Button leftSection={<IconRefresh size={16} aria-hidden />} loading={resend.isPending} onClick={() => resend.mutate(path)}>
          Resend {number(counts.failed)} failed
        </Button>
      )}
    </>
  );
}

function Unknown({ message: { id, counts } }: { message: MessageDetail }) {
  const admin = useMay('ADMIN');
  const resolve = api.useMutation('post', '/api/messages/{id}/resolve', after(null, 'messages', 'deliveries', 'dashboard'));
  const decide = (action: Resolution) => () => resolve.mutate({ params: { path: { id } }, body: { action } });
  return (
    <Alert color="yellow" icon={<IconHelpCircle aria-hidden />} title={`Nobody knows about ${number(counts.unknown)}`}>
      <Text size="sm" mb={admin ? 'sm' : 0}>
        The provider may have taken these copies, or not: the connection broke in between. They are never sent again by themselves.
      </Text>
      {admin && (
        <Menu>
          <Menu.Target>
            <Button size="xs" variant="default" loading={resolve.isPending} rightSection={<IconChevronDown size={14} aria-hidden />}>
              Decide about all of them
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={decide('ASSUME_SENT')}>They were sent</Menu.Item>
            <Menu.Item onClick={decide('RESEND')}>Send them again (some may get it twice)</Menu.Item>
            <Menu.Item onClick={decide('FAIL')}>They failed</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </Alert>
  );
}

function Reach({ message: { counts, engagement } }: { message: MessageDetail }) {
  const settled = counts.total - counts.pending;
  return (
    <Section
      title="Progress"
      h="100%"
      aside={
        <Text fw={680} fz="xl" data-testid="progress" aria-live="polite">
          {percent(settled, counts.total)}
        </Text>
      }
    >
      <Progress.Root size={18} radius="md" mb="md">
        {STATES.filter((state) => state !== 'pending' && counts[state] > 0).map((state) => (
          <Tooltip key={state} label={`${words(state)}: ${number(counts[state])}`}>
            <Progress.Section
              value={(100 * counts[state]) / Math.max(counts.total, 1)}
              color={STATE_COLORS[state.toUpperCase()]}
              aria-label={`${words(state)}: ${number(counts[state])}`}
            />
          </Tooltip>
        ))}
      </Progress.Root>
      <Table withRowBorders={false} verticalSpacing={4} horizontalSpacing={0} aria-label="Recipients by status">
        <Table.Tbody>
          {STATES.filter((state) => counts[state] > 0).map((state) => (
            <Table.Tr key={state}>
              <Table.Td>
                <StateBadge state={state.toUpperCase()} />
              </Table.Td>
              <Table.Td className="numeric">{number(counts[state])}</Table.Td>
              <Table.Td className="numeric" w={90}>
                <Dim>{percent(counts[state], counts.total)}</Dim>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {engagement && (
        <Text size="sm" c="dimmed" mt="sm">
          {number(engagement.opened)} opened it, {number(engagement.clicked)} followed a link, as far as the provider tells.
        </Text>
      )}
    </Section>
  );
}

function Recipients({ message }: { message: MessageDetail }) {
  const {
    filters: { status },
    change,
  } = useFilters();
  const paging = usePaging([message.id, status]);
  const { counts } = message;
  const query = api.useQuery(
    'get',
    '/api/messages/{id}/recipients',
    { params: { path: { id: message.id }, query: { status: status as DeliveryStatus | undefined, limit: 25, cursor: paging.cursor } } },
    KEEP,
  );
  // The list follows the counts, to the last one.
  const { refetch } = query;
  const sign = JSON.stringify(counts);
  useEffect(() => void refetch(), [sign, refetch]);
  const planned = !['DRAFT', 'SCHEDULED'].includes(message.status);
  const states = options(STATES.filter((state) => counts[state] > 0).map((state) => state.toUpperCase()));
  return (
    <Part title="Recipients" aside={<Choice label="Which recipients" value={status} onChange={(value) => change({ status: value })} data={states} />}>
      <DeliveryTable
        label="Recipients"
        query={query}
        paging={paging}
        empty={
          <Empty icon={IconUsers} title={planned ? 'Nobody here' : 'Not yet decided'}>
            {planned ? undefined : 'Who gets it is settled when it goes out: whoever is in its audience then.'}
          </Empty>
        }
      />
      <AnchorLink to="/history" search={{ messageId: message.id }} size="sm">
        In the history
      </AnchorLink>
    </Part>
  );
}
