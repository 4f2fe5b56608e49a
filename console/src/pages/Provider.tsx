// One provider: how it is, what it lacks, tests, its balance, and the address for its receipts.
import { ActionIcon, Alert, Button, Group, List, SimpleGrid, Stack, Text, Textarea, TextInput, Tooltip } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPencil, IconPlayerPlay, IconPlugConnected, IconRefresh, IconWebhook } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { after, api, changed, data, fetcher, SHOWN } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { ProviderConfig } from '../api/schema';
import { useMay } from '../app/useSession';
import { DangerButton } from '../components/confirm';
import { CopyField } from '../components/CopyField';
import { FormCard } from '../components/forms';
import { AnchorLink } from '../components/links';
import { Page } from '../components/Page';
import { POLICIES, ProviderForm } from '../components/ProviderForm';
import { ProviderProfile } from '../components/ProviderProfile';
import { Facts, Figure, Section } from '../components/Section';
import { StateBadge } from '../components/StateBadge';
import { Shown } from '../components/states';
import { useMutation } from '@tanstack/react-query';
import { capital, CHANNELS, dateTime, fieldName, money, number, relative } from '../lib/format';

/** The kinds that keep a list of their own. */
const LISTS = ['MAILGUN', 'MAILJET', 'SENDGRID', 'SES'];

/** The kinds that have a business profile. */
const PROFILES = ['META', 'TWILIO'];

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
  const done = (text: string | null) => after(text, 'providers', 'dashboard', 'alerts');
  const test = api.useMutation('post', '/api/providers/{id}/test', done(null));
  const resume = api.useMutation('post', '/api/providers/{id}/resume', done('It goes on.'));
  const remove = api.useMutation('delete', '/api/providers/{id}', {
    onSuccess: async () => {
      showDone('The provider is deleted.');
      await navigate({ to: '/providers' });
      void changed('providers', 'dashboard');
    },
  });
  const balance = useMutation({
    mutationFn: () => data(fetcher.GET('/api/providers/{id}/balance', { params: { path: { id }, query: { refresh: true } } })),
    ...done(null),
  });
  const can = (feature: NonNullable<typeof spec>['features'][number]) => spec?.features.includes(feature);

  return (
    <Page
      title={provider.name}
      badge={<StateBadge state={provider.health.status} size="lg" />}
      about={`${spec?.name ?? provider.kind} · ${CHANNELS[provider.channel]}${provider.senderId ? ` · sends as ${provider.senderId}` : ''}`}
      back={{ to: '/providers', label: 'Providers' }}
      actions={
        admin && (
          <>
            <DangerButton title={`Delete ${provider.name}?`} text="Its credentials are erased. What it sent stays in the history." onConfirm={() => remove.mutate(path)} />
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
                {spec?.fields.find(({ name }) => problem.pointer.endsWith(`/${name}`))?.label ?? fieldName(problem.pointer)}: {problem.detail}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      {provider.lastTest && (
        <Alert color={provider.lastTest.ok ? 'teal' : 'red'} title={provider.lastTest.ok ? 'The connection works' : 'The connection failed'} role="status">
          {capital(provider.lastTest.detail)} ({relative(provider.lastTest.at)})
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Figure label="Accepted" value={number(stats.data?.totalSent)} />
        <Figure label="Failed" value={number(stats.data?.totalFailed)} />
        <Figure
          label="Balance"
          value={money(provider.balance)}
          note={provider.balance ? `asked ${relative(provider.balance.checkedAt)}` : can('BALANCE') ? 'not asked yet' : 'this kind does not tell'}
          aside={
            can('BALANCE') &&
            admin && (
              <Tooltip label="Ask the provider now">
                <ActionIcon aria-label="Ask for the balance" loading={balance.isPending} onClick={() => balance.mutate()}>
                  <IconRefresh size={16} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )
          }
        />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Section
          title="Set up"
          aside={
            <Group gap="md">
              <AnchorLink to="/health" size="sm">
                Health
              </AnchorLink>
              <AnchorLink to="/prices" search={{ providerId: id }} size="sm">
                Prices
              </AnchorLink>
            </Group>
          }
        >
          <Facts
            rows={[
              ...Object.entries(provider.credentials).map(([name, mask]) => [spec?.fields.find((field) => field.name === name)?.label ?? name, mask] as const),
              ['In use', provider.isActive ? 'yes' : 'no'],
              ['Default', provider.isDefault ? 'yes' : 'no'],
              ['Recipients a minute', number(provider.ratePerMinute)],
              ['Tries after the first', number(provider.retryAttempts)],
              ['When nobody knows', POLICIES[provider.unknownPolicy]],
            ]}
          />
          {provider.webhookUrl && provider.kind !== 'SANDBOX' && (
            <CopyField
              mt="md"
              label="Address for receipts"
              description="Paste it at the provider, so that it reports what became of each copy"
              value={provider.webhookUrl}
            />
          )}
          {admin && provider.webhookUrl && provider.kind !== 'SANDBOX' && <Register id={id} />}
        </Section>
        {admin && <TestMessage provider={provider} />}
        {admin && LISTS.includes(provider.kind) && <SuppressionSync id={id} />}
        {provider.channel === 'WHATSAPP' && PROFILES.includes(provider.kind) && <ProviderProfile id={id} />}
      </SimpleGrid>
      {editing && spec && <ProviderForm spec={spec} provider={provider} onClose={() => setEditing(false)} />}
    </Page>
  );
}

/** Has the provider told the address, where its API takes it; else what is to be done by hand. */
function Register({ id }: { id: string }) {
  const register = api.useMutation('post', '/api/providers/{id}/webhooks');
  return (
    <Stack gap="xs" mt="sm" align="flex-start">
      <Button size="xs" variant="default" leftSection={<IconWebhook size={14} aria-hidden />} loading={register.isPending} onClick={() => register.mutate({ params: { path: { id } } })}>
        Register it at the provider
      </Button>
      {register.data && (
        <Alert w="100%" color={register.data.registered ? 'teal' : 'orange'} title={register.data.registered ? 'The provider knows the address' : 'This is done by hand'} role="status">
          {register.data.steps.length > 0 && (
            <List type="ordered" size="sm" style={{ overflowWrap: 'anywhere' }}>
              {register.data.steps.map((step) => (
                <List.Item key={step}>{step}</List.Item>
              ))}
            </List>
          )}
        </Alert>
      )}
    </Stack>
  );
}

/** Takes over the list that the provider keeps of its own. */
function SuppressionSync({ id }: { id: string }) {
  const sync = api.useMutation('post', '/api/providers/{id}/suppressions/sync', after(null, 'suppressions'));
  return (
    <Section title="The provider’s own suppressions">
      <Text size="sm" mb="sm">
        Who bounced, complained or unsubscribed there comes onto your list, every six hours by itself.
      </Text>
      <Button size="xs" variant="default" loading={sync.isPending} onClick={() => sync.mutate({ params: { path: { id } } })}>
        Do it now
      </Button>
      {sync.data && (
        <Text size="sm" c="dimmed" mt="sm" role="status">
          {number(sync.data.read)} read, {number(sync.data.added)} new{sync.data.isFinished ? '.' : '; the rest is read on.'}
        </Text>
      )}
    </Section>
  );
}

function TestMessage({ provider }: { provider: ProviderConfig }) {
  const form = useForm({ mode: 'uncontrolled', initialValues: { to: '', body: 'A test from Dundun.', subject: '' } });
  const send = api.useMutation('post', '/api/providers/{id}/test-message', { ...SHOWN, ...after(null, 'providers', 'sandbox') });
  const mail = provider.channel === 'EMAIL';
  const submit = form.onSubmit(({ to, body, subject }) =>
    send.mutate({ params: { path: { id: provider.id } }, body: { to, body, subject: mail ? subject : null } }, { onError: onFields(form) }),
  );
  return (
    <FormCard title="Test message" onSubmit={submit} pending={send.isPending} label="Send the test">
      <TextInput
        label={mail ? 'To this address' : 'To this number'}
        description={provider.kind === 'SANDBOX' ? 'It lands in the sandbox outbox' : 'Your own: it is really sent, and costs what a message costs'}
        required
        key={form.key('to')}
        {...form.getInputProps('to')}
      />
      {mail && <TextInput label="Subject" required key={form.key('subject')} {...form.getInputProps('subject')} />}
      <Textarea label="Text" required autosize key={form.key('body')} {...form.getInputProps('body')} />
      {send.data && (
        <Alert color={send.data.accepted ? 'teal' : 'red'} title={send.data.accepted ? 'The provider took it' : 'The provider did not take it'} role="status">
          {[send.data.reason, send.data.cost && money(send.data.cost), send.data.providerMessageId && `Id ${send.data.providerMessageId}`].filter(Boolean).join(' · ') ||
            'It said no more.'}
        </Alert>
      )}
    </FormCard>
  );
}
