// One provider: how it is, what it lacks, tests, its balance, and the address for its receipts.
import { ActionIcon, Alert, Button, Card, Group, List, SimpleGrid, Stack, Table, Text, Textarea, TextInput, Title, Tooltip } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPencil, IconPlayerPlay, IconPlugConnected, IconRefresh, IconSend, IconTrash } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, changed, data, fetcher } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { ProviderConfig } from '../api/schema';
import { useMay } from '../app/useSession';
import { confirm } from '../components/confirm';
import { CopyField } from '../components/CopyField';
import { Page } from '../components/Page';
import { ProviderForm } from '../components/ProviderForm';
import { StateBadge } from '../components/StateBadge';
import { Shown } from '../components/states';
import { useMutation } from '@tanstack/react-query';
import { dateTime, money, number, relative } from '../lib/format';

export default function Provider() {
  const { id } = useParams({ from: '/inside/providers/$id' });
  const query = api.useQuery('get', '/api/providers/{id}', { params: { path: { id } } });
  return <Shown query={query}>{(provider) => <Details provider={provider} />}</Shown>;
}

function Details({ provider }: { provider: ProviderConfig }) {
  const { id } = provider;
  const navigate = useNavigate();
  const admin = useMay('ADMIN');
  const [editing, setEditing] = useState(false);
  const catalogue = api.useQuery('get', '/api/providers/catalogue', {}, { staleTime: Infinity });
  const spec = catalogue.data?.data.find(({ kind }) => kind === provider.kind);
  const stats = api.useQuery('get', '/api/providers/{id}/stats', { params: { path: { id } } });
  const path = { params: { path: { id } } };
  const after = (text?: string) => ({
    onSuccess: () => {
      if (text) showDone(text);
      void changed('providers', 'dashboard', 'alerts');
    },
  });
  const test = api.useMutation('post', '/api/providers/{id}/test', after());
  const resume = api.useMutation('post', '/api/providers/{id}/resume', after('It goes on.'));
  const remove = api.useMutation('delete', '/api/providers/{id}', {
    onSuccess: async () => {
      showDone('The provider is deleted.');
      await navigate({ to: '/providers' });
      void changed('providers', 'dashboard');
    },
  });
  const balance = useMutation({
    mutationFn: () => data(fetcher.GET('/api/providers/{id}/balance', { params: { path: { id }, query: { refresh: true } } })),
    ...after(),
  });
  const can = (feature: NonNullable<typeof spec>['features'][number]) => spec?.features.includes(feature);

  return (
    <Page
      title={provider.name}
      badge={<StateBadge state={provider.health.status} size="lg" />}
      about={`${spec?.name ?? provider.kind} · ${provider.channel}${provider.senderId ? ` · sends as ${provider.senderId}` : ''}`}
      back={{ to: '/providers', label: 'Providers' }}
      actions={
        admin && (
          <>
            <Button
              variant="subtle"
              color="red"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => confirm(`Delete ${provider.name}?`, 'Its credentials are erased. What it sent stays in the history.', 'Delete', () => remove.mutate(path))}
            >
              Delete
            </Button>
            <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setEditing(true)} disabled={!spec}>
              Edit
            </Button>
            <Button leftSection={<IconPlugConnected size={16} aria-hidden />} loading={test.isPending} onClick={() => test.mutate(path)}>
              Test the connection
            </Button>
          </>
        )
      }
    >
      {provider.paused && (
        <Alert color="orange" title="Paused">
          <Text size="sm" mb="sm">
            {provider.paused.detail} Since {dateTime(provider.paused.at)}.
          </Text>
          {admin && (
            <Button size="xs" leftSection={<IconPlayerPlay size={14} aria-hidden />} loading={resume.isPending} onClick={() => resume.mutate(path)}>
              Go on
            </Button>
          )}
        </Alert>
      )}
      {provider.validationErrors.length > 0 && (
        <Alert color="orange" title="Something is missing">
          <List size="sm">
            {provider.validationErrors.map((problem) => (
              <List.Item key={problem.pointer}>
                {spec?.fields.find(({ name }) => problem.pointer.endsWith(`/${name}`))?.label ?? problem.pointer}: {problem.detail}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      {provider.lastTest && (
        <Alert color={provider.lastTest.ok ? 'teal' : 'red'} title={provider.lastTest.ok ? 'The connection works' : 'The connection failed'} role="status">
          {provider.lastTest.detail} ({relative(provider.lastTest.at)})
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Figure label="Accepted" value={number(stats.data?.totalSent)} />
        <Figure label="Failed" value={number(stats.data?.totalFailed)} />
        <Card padding="md">
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              Balance
            </Text>
            {can('BALANCE') && admin && (
              <Tooltip label="Ask the provider now">
                <ActionIcon aria-label="Ask for the balance" loading={balance.isPending} onClick={() => balance.mutate()}>
                  <IconRefresh size={16} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
          </Group>
          <Text fz={24} fw={680}>
            {money(provider.balance)}
          </Text>
          <Text size="xs" c="dimmed">
            {provider.balance ? `asked ${relative(provider.balance.checkedAt)}` : can('BALANCE') ? 'not asked yet' : 'this kind does not tell'}
          </Text>
        </Card>
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Card>
          <Title order={2} mb="sm">
            Set up
          </Title>
          <Table variant="vertical" withRowBorders={false} verticalSpacing={5} horizontalSpacing={0} layout="fixed">
            <Table.Tbody>
              {[
                ...Object.entries(provider.credentials).map(([name, mask]) => [spec?.fields.find((field) => field.name === name)?.label ?? name, mask] as const),
                ['In use', provider.isActive ? 'yes' : 'no'] as const,
                ['Default', provider.isDefault ? 'yes' : 'no'] as const,
                ['Recipients a minute', number(provider.ratePerMinute)] as const,
                ['Tries after the first', number(provider.retryAttempts)] as const,
              ].map(([label, value]) => (
                <Table.Tr key={label}>
                  <Table.Th c="dimmed" fw={500} bg="transparent">
                    {label}
                  </Table.Th>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>{value}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          {provider.webhookUrl && provider.kind !== 'SANDBOX' && (
            <CopyField
              mt="md"
              label="Address for receipts"
              description="Paste it at the provider, so that it reports what became of each copy"
              value={provider.webhookUrl}
            />
          )}
        </Card>
        {admin && <TestMessage provider={provider} />}
      </SimpleGrid>
      {editing && spec && <ProviderForm spec={spec} provider={provider} onClose={() => setEditing(false)} />}
    </Page>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <Card padding="md">
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text fz={24} fw={680}>
        {value}
      </Text>
    </Card>
  );
}

function TestMessage({ provider }: { provider: ProviderConfig }) {
  const form = useForm({ mode: 'uncontrolled', initialValues: { to: '', body: 'A test from Dundun.', subject: '' } });
  const send = api.useMutation('post', '/api/providers/{id}/test-message', { meta: { shown: true }, onSuccess: () => changed('providers', 'sandbox') });
  const submit = form.onSubmit(({ to, body, subject }) =>
    send.mutate(
      { params: { path: { id: provider.id } }, body: { to, body, subject: provider.channel === 'EMAIL' ? subject : null } },
      { onError: onFields(form, ['to', 'body', 'subject']) },
    ),
  );
  return (
    <Card>
      <Title order={2} mb="sm">
        Test message
      </Title>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={provider.channel === 'EMAIL' ? 'To this address' : 'To this number'}
            description={provider.kind === 'SANDBOX' ? 'It lands in the sandbox outbox' : 'Your own: it is really sent, and costs what a message costs'}
            required
            key={form.key('to')}
            {...form.getInputProps('to')}
          />
          {provider.channel === 'EMAIL' && <TextInput label="Subject" required key={form.key('subject')} {...form.getInputProps('subject')} />}
          <Textarea label="Text" required autosize key={form.key('body')} {...form.getInputProps('body')} />
          <Button type="submit" variant="default" loading={send.isPending} leftSection={<IconSend size={16} aria-hidden />} style={{ alignSelf: 'flex-start' }}>
            Send the test
          </Button>
          {send.data && (
            <Alert color={send.data.accepted ? 'teal' : 'red'} title={send.data.accepted ? 'The provider took it' : 'The provider did not take it'} role="status">
              {[send.data.reason, send.data.cost && money(send.data.cost), send.data.providerMessageId && `Id ${send.data.providerMessageId}`].filter(Boolean).join(' · ') ||
                'It said no more.'}
            </Alert>
          )}
        </Stack>
      </form>
    </Card>
  );
}
