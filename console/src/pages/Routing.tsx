// The routing rules: in their order, which of them decides by which provider a part of a message goes.
import { ActionIcon, Alert, Badge, Button, Group, Switch, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconArrowDown, IconArrowUp, IconPencil, IconPlus, IconRoute } from '@tabler/icons-react';
import { useState } from 'react';
import { after, api, changed, data, fetcher } from '../api/client';
import type { RoutingRule } from '../api/schema';
import { useMay } from '../app/useSession';
import { actionColumn, column, Dim, Named } from '../components/columns';
import { DataTable } from '../components/DataTable';
import { Page } from '../components/Page';
import { RemoveButton } from '../components/RemoveButton';
import { RuleForm, STRATEGIES } from '../components/RuleForm';
import { Empty } from '../components/states';
import { useProviders } from '../components/useProviders';
import { CHANNELS, timeOfDay } from '../lib/format';
import { moved } from '../lib/order';
import { destinationName } from '../lib/places';

export default function Routing() {
  const admin = useMay('ADMIN');
  const [open, setOpen] = useState<RoutingRule | 'new'>();
  const query = api.useQuery('get', '/api/routing/rules');
  const rules = query.data?.data ?? [];
  const { name } = useProviders();
  const save = api.useMutation('put', '/api/routing/rules/{id}', after(null, 'routing'));
  const remove = api.useMutation('delete', '/api/routing/rules/{id}', after(null, 'routing'));
  const order = useMutation({
    mutationFn: async ([from, to]: readonly [number, number]) => {
      for (const { id, position } of moved(rules, from, to)) await data(fetcher.PUT('/api/routing/rules/{id}', { params: { path: { id } }, body: { position } }));
    },
    // Also when only some of it went well.
    onSettled: () => changed('routing'),
  });
  const create = admin && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpen('new')}>
      New rule
    </Button>
  );
  const mover = (rule: RoutingRule, by: 1 | -1) => {
    const at = rules.indexOf(rule);
    const Icon = by < 0 ? IconArrowUp : IconArrowDown;
    return (
      <ActionIcon
        aria-label={`Move ${rule.name} ${by < 0 ? 'up' : 'down'}`}
        disabled={order.isPending || rules[at + by] === undefined}
        onClick={() => order.mutate([at, at + by])}
      >
        <Icon size={16} aria-hidden />
      </ActionIcon>
    );
  };

  return (
    <Page title="Routing" about="By which provider a message goes when it is sent by “Automatic”. The first rule that fits a recipient decides." actions={create}>
      <DataTable<RoutingRule>
        label="Routing rules"
        query={query}
        columns={[
          column('Rule', (rule) => (
            <Group gap="sm" wrap="nowrap" align="flex-start">
              <Badge circle size="lg" color="gray" style={{ flex: 'none' }} aria-label={`Place ${rules.indexOf(rule) + 1}`}>
                {rules.indexOf(rule) + 1}
              </Badge>
              <div>
                <Named note={<When rule={rule} />}>{rule.name}</Named>
              </div>
            </Group>
          )),
          column('Recipients', ({ channel, destinations }) => (
            <>
              <Badge color="gray">{CHANNELS[channel]}</Badge>
              <Dim size="xs">{destinations.length ? destinations.map(destinationName).join(', ') : 'Everybody'}</Dim>
            </>
          ), { wide: true }),
          column('Takes', ({ strategy, providers }) => (
            <>
              <Text size="sm">{STRATEGIES[strategy].label}</Text>
              <Dim size="xs">
                {providers.map(({ providerId, weight }) => `${name(providerId) ?? 'a deleted provider'}${strategy === 'WEIGHTED' ? ` × ${weight}` : ''}`).join(', ')}
              </Dim>
            </>
          ), { wide: true }),
          column('In use', (rule) => (
            <Switch
              aria-label={`${rule.name} is in use`}
              checked={rule.isActive}
              disabled={!admin}
              onChange={(event) => save.mutate({ params: { path: { id: rule.id } }, body: { isActive: event.currentTarget.checked } })}
            />
          )),
          actionColumn((rule) =>
            admin ? (
              <>
                {mover(rule, -1)}
                {mover(rule, 1)}
                <ActionIcon aria-label={`Change ${rule.name}`} onClick={() => setOpen(rule)}>
                  <IconPencil size={16} aria-hidden />
                </ActionIcon>
                <RemoveButton name={rule.name} text="Messages that are under way ask the rules that are left." onConfirm={() => remove.mutate({ params: { path: { id: rule.id } } })} />
              </>
            ) : null,
          ),
        ]}
        empty={
          <Empty icon={IconRoute} title="No rules yet" action={create}>
            Without a rule, “Automatic” takes the channel’s default provider, then the others. A rule picks by country, price, delivery rate or time of day.
          </Empty>
        }
      />
      {rules.length > 0 && (
        <Alert color="gray" p="sm">
          Where no rule fits: the channel’s default provider, then its others. Why a provider was picked stands on each delivery.
        </Alert>
      )}
      {open && <RuleForm rule={open === 'new' ? undefined : open} onClose={() => setOpen(undefined)} />}
    </Page>
  );
}

function When({ rule: { from, until } }: { rule: RoutingRule }) {
  if (!from && !until) return 'at any time';
  return `from ${timeOfDay(from ?? '00:00')} until ${timeOfDay(until ?? '00:00')}`;
}
