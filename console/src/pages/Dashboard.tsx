// The dashboard: figures, thirty days by outcome, what was sent last, how the providers are; at first, what to do next.
import { Button, Card, Grid, Group, SimpleGrid, Skeleton, Stack, Table, Text, ThemeIcon, Timeline, Title } from '@mantine/core';
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
import { lazy, Suspense } from 'react';
import { api } from '../api/client';
import type { DashboardMetrics } from '../api/schema';
import { useMay, useSession } from '../app/useSession';
import { Page } from '../components/Page';
import { Empty, Failure, Shown } from '../components/states';
import { StateBadge } from '../components/StateBadge';
import { useAddSandbox } from '../components/useAddSandbox';
import { localNow, money, number, percent, relative } from '../lib/format';
import { AnchorLink, ButtonLink } from '../components/links';

const DayChart = lazy(() => import('../components/DayChart'));

export default function Dashboard() {
  const { user } = useSession();
  const may = useMay('MEMBER');
  const metrics = api.useQuery('get', '/api/dashboard/metrics', {}, { refetchInterval: 30_000 });
  const messages = api.useQuery('get', '/api/messages', { params: { query: { limit: 6 } } }, { refetchInterval: 15_000 });
  const providers = api.useQuery('get', '/api/providers/health');

  const known = metrics.data && messages.data && providers.data;
  const steps = known && [
    providers.data.data.length > 0,
    metrics.data.totalContacts > 0,
    messages.data.data.length > 0,
  ];
  const first = steps?.some((done) => !done);

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
      {first && steps && <FirstSteps done={steps} />}
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
          <Card h="100%">
            <Group justify="space-between" mb="md">
              <Title order={2}>Providers</Title>
              <AnchorLink to="/providers" size="sm">
                All
              </AnchorLink>
            </Group>
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
          </Card>
        </Grid.Col>
      </Grid>
      <Card padding={0}>
        <Group justify="space-between" p="lg" pb="xs">
          <Title order={2}>Recent messages</Title>
          <AnchorLink to="/messages" size="sm">
            All
          </AnchorLink>
        </Group>
        <Shown query={messages} lines={4}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty icon={IconMessage2} title="No messages yet">
                What you send shows here, with how far it has come.
              </Empty>
            ) : (
              <Table aria-label="Recent messages">
                <Table.Tbody>
                  {data.map((message) => (
                    <Table.Tr key={message.id}>
                      <Table.Td>
                        <AnchorLink to="/messages/$id" params={{ id: message.id }} c="inherit" fw={600} size="sm" lineClamp={1}>
                          {message.title}
                        </AnchorLink>
                      </Table.Td>
                      <Table.Td className="numeric" visibleFrom="sm">
                        <Text size="sm" c="dimmed">
                          {number(message.recipientCount)} {message.recipientCount === 1 ? 'recipient' : 'recipients'}
                        </Text>
                      </Table.Td>
                      <Table.Td>
                        <StateBadge state={message.status} />
                      </Table.Td>
                      <Table.Td className="numeric">
                        <Text size="sm" c="dimmed">
                          {relative(message.sentAt ?? message.scheduledAt ?? message.createdAt)}
                        </Text>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            )
          }
        </Shown>
      </Card>
    </Page>
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
            <Card key={label} padding="md">
              <Group justify="space-between" wrap="nowrap" align="flex-start">
                <Text size="sm" c="dimmed" fw={550}>
                  {to ? (
                    <AnchorLink to={to} c="inherit" size="sm">
                      {label}
                    </AnchorLink>
                  ) : (
                    label
                  )}
                </Text>
                <ThemeIcon variant="light" color={color} size={34} radius="md">
                  <Icon size={19} stroke={1.6} aria-hidden />
                </ThemeIcon>
              </Group>
              <Text fz={28} fw={680} lh={1.2} style={{ letterSpacing: '-0.02em', fontVariantNumeric: 'tabular-nums' }}>
                {value}
              </Text>
              <Text size="xs" c="dimmed">
                {note}
              </Text>
            </Card>
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
    <Card h="100%">
      <Group justify="space-between" mb="md">
        <Title order={2}>Last 30 days</Title>
        {stats.data && (
          <Text size="sm" c="dimmed">
            {number(stats.data.totalDelivered)} delivered, {number(stats.data.totalFailed)} failed
          </Text>
        )}
      </Group>
      <Shown query={stats} lines={6}>
        {(data) => (
          <Suspense fallback={<Skeleton height={250} />}>
            <DayChart from={from} to={today} days={data.byDay} />
          </Suspense>
        )}
      </Shown>
    </Card>
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
    <Card>
      <Title order={2} mb="lg">
        From nothing to the first message
      </Title>
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
    </Card>
  );
}
