// How the providers are: the last hour, the last days, what is left on the accounts, and when they raise an alert.
import { Alert, Button, Group, List, NumberInput, SimpleGrid, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconBellPlus, IconHeartbeat } from '@tabler/icons-react';
import { useState } from 'react';
import { api, changed, SHOWN } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { ProviderHealth, ProviderThresholds } from '../api/schema';
import { useMay } from '../app/useSession';
import { Dialog } from '../components/Dialog';
import { DialogForm } from '../components/forms';
import { AnchorLink, ButtonLink } from '../components/links';
import { Page } from '../components/Page';
import { Facts, Section } from '../components/Section';
import { StateBadge } from '../components/StateBadge';
import { Empty, Listed } from '../components/states';
import { CHANNELS, dateTime, decimal, money, number, percent, relative } from '../lib/format';
import { destinationName } from '../lib/places';

export default function Health() {
  const query = api.useQuery('get', '/api/providers/health', {}, { refetchInterval: 30_000 });
  return (
    <Page title="Provider health" about="How your providers are, now and in the last days.">
      <Listed
        query={query}
        empty={
          <Empty icon={IconHeartbeat} title="No provider yet" action={<ButtonLink to="/providers">Add a provider</ButtonLink>}>
            As soon as one is set up, its error rate and latency show here.
          </Empty>
        }
      >
        {(providers) => (
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            {providers.map((provider) => (
              <Card key={provider.providerId} health={provider} />
            ))}
          </SimpleGrid>
        )}
      </Listed>
    </Page>
  );
}

function Card({ health }: { health: ProviderHealth }) {
  const { recent, balance } = health;
  return (
    <Section
      data-testid="provider"
      title={
        <AnchorLink to="/providers/$id" params={{ id: health.providerId }} c="inherit" inherit>
          {health.name}
        </AnchorLink>
      }
      aside={<StateBadge state={health.status} />}
    >
      {health.detail && (
        <Text size="sm" mb="sm">
          {health.detail}
        </Text>
      )}
      {health.circuits.length > 0 && (
        <Alert color="orange" title="Left out for a while by the routing" mb="sm">
          <List size="sm">
            {health.circuits.map(({ country, until, reason }) => (
              <List.Item key={country}>
                {country === '-' ? 'Addresses without a country' : destinationName(country)}: tried again {dateTime(until)}
                {reason && `, because ${reason}`}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Facts
        rows={[
          ['Channel', CHANNELS[health.channel]],
          ['In the last hour', `${number(recent.handedOver)} handed over, ${number(recent.accepted)} accepted`],
          ['Error rate', recent.errorRate == null ? 'nothing was sent' : percent(recent.errorRate, 1)],
          ['Latency', recent.latencyMs == null ? '–' : `${number(recent.latencyMs)} ms`],
          ['Last error', recent.lastError ? `${recent.lastError} (${relative(recent.lastErrorAt)})` : 'none'],
          ['In seven days', `${number(health.accepted)} accepted, ${number(health.failed)} failed${health.failureRate ? ` (${percent(health.failureRate, 1)})` : ''}`],
          ['Balance', balance ? `${money(balance)}, asked ${relative(balance.checkedAt)}` : 'not told'],
        ]}
      />
      <Thresholds id={health.providerId} currency={balance?.currency} />
    </Section>
  );
}

/** When it raises an alert, in one line, and the way to change that. */
function Thresholds({ id, currency }: { id: string; currency?: string | null }) {
  const admin = useMay('ADMIN');
  const [editing, setEditing] = useState(false);
  const query = api.useQuery('get', '/api/providers/{id}/alerts', { params: { path: { id } } });
  const set = query.data && [
    query.data.balanceBelow != null && `less than ${money({ amount: query.data.balanceBelow, currency: currency ?? null })} is left`,
    query.data.deliveryRateBelow != null && `less than ${percent(query.data.deliveryRateBelow, 1)} arrives`,
  ].filter(Boolean);
  return (
    <Group justify="space-between" mt="md" gap="xs" mih={36}>
      <Text size="sm" c="dimmed" flex={1}>
        {set && (set.length ? `An alert when ${set.join(', or ')}.` : 'No alert for the balance or the delivery rate.')}
      </Text>
      {admin && query.data && (
        <Button size="xs" variant="default" leftSection={<IconBellPlus size={14} aria-hidden />} onClick={() => setEditing(true)}>
          Alert me
        </Button>
      )}
      {editing && query.data && <ThresholdForm thresholds={query.data} currency={currency} onClose={() => setEditing(false)} />}
    </Group>
  );
}

function ThresholdForm({ thresholds, currency, onClose }: { thresholds: ProviderThresholds; currency?: string | null; onClose: () => void }) {
  const form = useForm({
    initialValues: {
      balanceBelow: thresholds.balanceBelow ?? '',
      deliveryRateBelow: (thresholds.deliveryRateBelow == null ? '' : Math.round(thresholds.deliveryRateBelow * 1000) / 10) as number | string,
    },
  });
  const save = api.useMutation('put', '/api/providers/{id}/alerts', SHOWN);
  const submit = form.onSubmit(({ balanceBelow, deliveryRateBelow }) =>
    save.mutate(
      {
        params: { path: { id: thresholds.providerId } },
        body: { balanceBelow: decimal(balanceBelow) || null, deliveryRateBelow: deliveryRateBelow === '' ? null : Number(deliveryRateBelow) / 100 },
      },
      {
        onSuccess: () => {
          showDone('It is looked at once an hour.');
          void changed('providers');
          onClose();
        },
        onError: onFields(form),
      },
    ),
  );
  return (
    <Dialog onClose={onClose} title="Raise an alert">
      <DialogForm onSubmit={submit} onClose={onClose} pending={save.isPending}>
        <TextInput
          label="When less than this is left on the account"
          description={currency ? `In ${currency}; left empty, never` : 'In the currency of the account; left empty, never'}
          inputMode="decimal"
          placeholder="500.00"
          data-autofocus
          {...form.getInputProps('balanceBelow')}
        />
        <NumberInput
          label="When a smaller part of the day’s copies arrives"
          description="Of at least 100 that are settled; left empty, never"
          suffix=" %"
          min={0}
          max={100}
          placeholder="80 %"
          {...form.getInputProps('deliveryRateBelow')}
        />
      </DialogForm>
    </Dialog>
  );
}
