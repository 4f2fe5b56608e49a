// Making or changing a routing rule.
import { ActionIcon, Group, NumberInput, Select, SimpleGrid, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core';
import { TimeInput } from '@mantine/dates';
import { useForm } from '@mantine/form';
import { IconArrowUp, IconTrash } from '@tabler/icons-react';
import { api, changed, SHOWN } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { Channel, RoutingRule, Strategy } from '../api/schema';
import { CHANNEL_OPTIONS } from '../lib/format';
import { Dialog } from './Dialog';
import { DialogForm } from './forms';
import { useProviders } from './useProviders';

export const STRATEGIES: Record<Strategy, { label: string; about: string }> = {
  PRIORITY: { label: 'The first that can be used', about: 'In the order below; the next one takes over when it fails.' },
  CHEAPEST: { label: 'The cheapest', about: 'By the price table, for each recipient; those without a price come last.' },
  BEST_DELIVERY: { label: 'The best delivery rate', about: 'Of today and yesterday; those with few copies come last.' },
  WEIGHTED: { label: 'By weights', about: 'Each gets its part of the recipients.' },
};

export function RuleForm({ rule, onClose }: { rule?: RoutingRule; onClose: () => void }) {
  const form = useForm({
    initialValues: {
      name: rule?.name ?? '',
      channel: rule?.channel ?? 'SMS',
      destinations: rule?.destinations ?? [],
      from: rule?.from ?? '',
      until: rule?.until ?? '',
      strategy: rule?.strategy ?? 'PRIORITY',
      providers: rule?.providers ?? [],
      isActive: rule?.isActive ?? true,
    },
  });
  const { values } = form;
  const { options, name } = useProviders({ channel: values.channel });
  const create = api.useMutation('post', '/api/routing/rules', SHOWN);
  const save = api.useMutation('put', '/api/routing/rules/{id}', SHOWN);
  const free = options.filter(({ value }) => values.providers.every(({ providerId }) => providerId !== value));

  const submit = form.onSubmit(({ channel, from, until, ...rest }) => {
    const body = { ...rest, from: from || null, until: until || null };
    const onError = onFields(form, { destinations: 'destinations', providers: 'providers' });
    const onSuccess = () => {
      showDone(rule ? 'The rule is changed.' : 'The rule is made.');
      void changed('routing');
      onClose();
    };
    if (rule) save.mutate({ params: { path: { id: rule.id } }, body }, { onSuccess, onError });
    else create.mutate({ body: { ...body, channel } }, { onSuccess, onError });
  });

  return (
    <Dialog onClose={onClose} title={rule ? 'Change the rule' : 'New rule'} size="lg">
      <DialogForm onSubmit={submit} onClose={onClose} pending={create.isPending || save.isPending}>
        <TextInput label="Name" placeholder="Kenya by night" required data-autofocus {...form.getInputProps('name')} />
        {!rule && (
          <Select
            label="Channel"
            data={CHANNEL_OPTIONS}
            allowDeselect={false}
            {...form.getInputProps('channel')}
            onChange={(channel) => form.setValues({ channel: channel as Channel, providers: [] })}
          />
        )}
        <TagsInput
          label="Recipients"
          description="Country codes (KE) and beginnings of numbers (+2547); left empty, everybody"
          placeholder={values.destinations.length ? undefined : 'KE, +2547'}
          splitChars={[',', ' ', ';']}
          {...form.getInputProps('destinations')}
        />
        <SimpleGrid cols={2}>
          <TimeInput label="From" description="On your organization’s clocks" {...form.getInputProps('from')} />
          <TimeInput label="Until" description="May be on the next day" {...form.getInputProps('until')} />
        </SimpleGrid>
        <Select
          label="Takes"
          description={STRATEGIES[values.strategy].about}
          data={Object.entries(STRATEGIES).map(([value, { label }]) => ({ value, label }))}
          allowDeselect={false}
          {...form.getInputProps('strategy')}
        />
        <Stack gap="xs" role="group" aria-label="Providers">
          <Select
            label="Among these providers"
            placeholder={free.length ? 'Add a provider' : 'All are in the list'}
            required={values.providers.length === 0}
            data={free}
            value={null}
            disabled={free.length === 0}
            error={form.errors.providers}
            onChange={(providerId) => providerId && form.insertListItem('providers', { providerId, weight: 1 })}
          />
          {values.providers.map(({ providerId }, index) => (
            <Group key={providerId} gap="xs" wrap="nowrap">
              <Text size="sm" flex={1} fw={550} truncate>
                {index + 1}. {name(providerId) ?? 'A deleted provider'}
              </Text>
              {values.strategy === 'WEIGHTED' && (
                <NumberInput aria-label={`Weight of ${name(providerId)}`} min={1} max={1000} allowDecimal={false} w={90} size="xs" {...form.getInputProps(`providers.${index}.weight`)} />
              )}
              <ActionIcon aria-label={`Move ${name(providerId)} up`} disabled={index === 0} onClick={() => form.reorderListItem('providers', { from: index, to: index - 1 })}>
                <IconArrowUp size={16} aria-hidden />
              </ActionIcon>
              <ActionIcon aria-label={`Take ${name(providerId)} out`} onClick={() => form.removeListItem('providers', index)}>
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            </Group>
          ))}
        </Stack>
        <Switch label="In use" {...form.getInputProps('isActive', { type: 'checkbox' })} />
      </DialogForm>
    </Dialog>
  );
}
