// The dashboard: figures, thirty days by outcome, what was sent last, how the providers are; at first, what to do next.
import { Button, Grid, Group, SimpleGrid, Skeleton, Stack, Text, ThemeIcon, Timeline } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import {
  IconAddressBook,
  IconCalendarStats,
  IconCheck,
  IconFileImport,
  IconMessage2,
  IconPencil,
  IconSend,
  IconWallet,
  type Icon,
} from '@tabler/icons-react';
import dayjs from 'dayjs';
import { lazy, Suspense, useEffect } from 'react';
import { api } from '../api/client';
import type { DashboardMetrics } from '../api/schema';
import { useMay, useSession } from '../app/useSession';
import { AnchorLink, ButtonLink } from '../components/links';
import { MessageTable } from '../components/MessageTable';
import { Page } from '../components/Page';
import { Figure, Section } from '../components/Section';
import { Empty, Failure, Shown } from '../components/states';
import { StateBadge } from '../components/StateBadge';
import { useAddSandbox } from '../components/useAddSandbox';
import { localNow, money, number, percent, relative } from '../lib/format';

const DayChart = lazy(() => import('../components/DayChart'));

export default function Dashboard() {
  const { user } = useSession();
  const may = useMay('MEMBER');
  const metrics = api.useQuery('get', '/api/dashboard/metrics', {}, { refetchInterval: 30_000 });
  const messages = api.useQuery('get', '/api/messages', { params: { query: { limit: 6 } } }, { refetchInterval: 15_000 });
  const providers = api.useQuery('get', '/api/providers/health');

  const failed = metrics.error ?? messages.error ?? providers.error;
  const known = metrics.data && messages.data && providers.data;
  const steps = known && [
    providers.data.data.length > 0,
    metrics.data.totalContacts > 0,
    messages.data.data.length > 0,
  ];
  const started = steps?.every(Boolean);
  const [wasStarted, setStarted] = useLocalStorage({ key: 'dundun-started', defaultValue: false, getInitialValueInEffect: false });
  useEffect(() => {
    if (started !== undefined) setStarted(started);
  }, [started, setStarted]);

  return (
    <Page
      title={`Hello, ${user.name.split(' ')[0]}`}
      about="What was sent, and how it went."
      actions={
        may && (
          <>
            <ButtonLink to="/imports" variant="default" leftSection={<IconFileImport size={17} aria-hidden />}>
              Import
            </ButtonLink>
            <ButtonLink to="/messages/new" leftSection={<IconPencil size={17} aria-hidden />}>
              New message
            </ButtonLink>
          </>
        )
      }
    >
      {steps ? !started && <FirstSteps done={steps} /> : !wasStarted && !failed && <Skeleton height={390} radius="lg" />}
      {metrics.error && !metrics.data ? (
        <Failure error={metrics.error} retry={() => void metrics.refetch()} />
      ) : (
        <Figures metrics={metrics.data} />
      )}
      <Grid>
        <Grid.Col span={{ base: 12, lg: 8 }}>
          <ThirtyDays />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}>
          <Section title="Providers" h="100%" aside={<All to="/providers" />}>
            <Shown query={providers} lines={3}>
              {({ data }) =>
                data.length === 0 ? (
                  <Text size="sm" c="dimmed">
                    None yet. A provider is the service that carries your messages.
                  </Text>
                ) : (
                  <Stack gap="sm">
                    {data.map((provider) => (
                      <Group key={provider.providerId} justify="space-between" wrap="nowrap">
                        <div style={{ minWidth: 0 }}>
                          <AnchorLink to="/providers/$id" params={{ id: provider.providerId }} size="sm" fw={600} c="inherit">
                            {provider.name}
                          </AnchorLink>
                          <Text size="xs" c="dimmed">
                            {provider.detail ?? `${number(provider.accepted)} accepted, ${percent(provider.failed, provider.accepted + provider.failed)} failed`}
                          </Text>
                        </div>
                        <StateBadge state={provider.status} />
                      </Group>
                    ))}
                  </Stack>
                )
              }
            </Shown>
          </Section>
        </Grid.Col>
      </Grid>
      <Section title="Recent messages" flush aside={<All to="/messages" />}>
        <Shown query={messages} lines={4}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty icon={IconMessage2} title="No messages yet">
                What you send shows here, with how far it has come.
              </Empty>
            ) : (
              <MessageTable label="Recent messages" messages={data} when={({ sentAt, scheduledAt, createdAt }) => relative(sentAt ?? scheduledAt ?? createdAt)} />
            )
          }
        </Shown>
      </Section>
    </Page>
  );
}

function All({ to }: { to: '/messages' | '/providers' }) {
  return (
    <AnchorLink to={to} size="sm">
      All
    </AnchorLink>
  );
}

function Figures({ metrics }: { metrics: DashboardMetrics | undefined }) {
  const balance = metrics?.balances[0];
  const figures: { label: string; value: string; icon: Icon; color: string; note?: string; to?: string }[] = metrics
    ? [
        { label: 'Sent', value: number(metrics.totalSent), icon: IconSend, color: 'clay', note: `${number(metrics.failedMessages)} failed`, to: '/history' },
        {
          label: 'This month',
          value: number(metrics.messagesThisMonth),
          icon: IconCalendarStats,
          color: 'indigo',
          note: `${number(metrics.messagesToday)} today, ${number(metrics.messagesThisWeek)} this week`,
        },
        { label: 'Contacts', value: number(metrics.totalContacts), icon: IconAddressBook, color: 'teal', note: metrics.totalGroups === 1 ? 'in 1 group' : `in ${number(metrics.totalGroups)} groups`, to: '/contacts' },
        {
          label: 'SMS balance',
          value: balance ? money(balance) : number(metrics.smsBalance),
          icon: IconWallet,
          color: 'orange',
          note: balance ? `asked ${relative(balance.checkedAt)}` : 'not told by the provider',
          to: '/providers',
        },
      ]
    : [];
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
      {metrics
        ? figures.map(({ label, value, icon: Icon, color, note, to }) => (
            <Figure
              key={label}
              value={value}
              note={note}
              label={
                to ? (
                  <AnchorLink to={to} c="inherit" inherit>
                    {label}
                  </AnchorLink>
                ) : (
                  label
                )
              }
              aside={
                <ThemeIcon variant="light" color={color} size={34} radius="md">
                  <Icon size={19} stroke={1.6} aria-hidden />
                </ThemeIcon>
              }
            />
          ))
        : Array.from({ length: 4 }, (_, index) => <Skeleton key={index} height={118} radius="lg" />)}
    </SimpleGrid>
  );
}

function ThirtyDays() {
  const today = localNow().slice(0, 10);
  const from = dayjs(today).subtract(29, 'day').format('YYYY-MM-DD');
  const stats = api.useQuery('get', '/api/dashboard/stats', { params: { query: { from, to: today } } });
  return (
    <Section
      title="Last 30 days"
      h="100%"
      aside={
        stats.data && (
          <Text size="sm" c="dimmed">
            {number(stats.data.totalDelivered)} delivered, {number(stats.data.totalFailed)} failed
          </Text>
        )
      }
    >
      <Shown query={stats} lines={6}>
        {(data) => (
          <Suspense fallback={<Skeleton height={250} />}>
            <DayChart from={from} to={today} days={data.byDay} />
          </Suspense>
        )}
      </Shown>
    </Section>
  );
}

function FirstSteps({ done }: { done: boolean[] }) {
  const sandbox = useAddSandbox();
  const admin = useMay('ADMIN');
  const active = done.findIndex((step) => !step);
  const variant = (step: number) => (step === active ? 'filled' : 'default');
  const steps = [
    {
      title: 'A provider carries your messages',
      text: 'The sandbox reaches nobody and costs nothing: try everything with it first.',
      action: (
        <>
          <Button size="xs" variant={variant(0)} onClick={() => sandbox.mutate()} loading={sandbox.isPending} disabled={!admin}>
            Use the sandbox
          </Button>
          <ButtonLink size="xs" variant="default" to="/providers">
            Add a provider
          </ButtonLink>
        </>
      ),
    },
    {
      title: 'Your people, from a spreadsheet',
      text: 'Drop the file you have. You see what is wrong with it before anything is stored.',
      action: (
        <ButtonLink size="xs" variant={variant(1)} to="/imports">
          Import contacts
        </ButtonLink>
      ),
    },
    {
      title: 'Your first message',
      text: 'With its price and a preview for each recipient, before it goes out.',
      action: (
        <ButtonLink size="xs" variant={variant(2)} to="/messages/new">
          Write it
        </ButtonLink>
      ),
    },
  ];
  return (
    <Section title="From nothing to the first message">
      <Timeline active={active - 1} bulletSize={30} lineWidth={2}>
        {steps.map(({ title, text, action }, step) => (
          <Timeline.Item key={title} title={title} bullet={done[step] ? <IconCheck size={17} aria-label="Done" /> : <Text fz="sm" fw={650} component="span">{step + 1}</Text>}>
            <Text size="sm" c="dimmed">
              {text}
            </Text>
            {!done[step] && (
              <Group gap="xs" mt="xs">
                {action}
              </Group>
            )}
          </Timeline.Item>
        ))}
      </Timeline>
    </Section>
  );
}
