// The form of a provider, built from what its kind needs. Credentials are written, never read back.
import { Accordion, Group, JsonInput, NumberInput, PasswordInput, Select, Stack, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, changed, SHOWN } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { Channel, KindSpec, ProviderConfig, UnknownPolicy } from '../api/schema';
import { CHANNELS } from '../lib/format';
import { MAIL_NAMES, readMail, writeMail } from '../lib/mail';
import { Dialog } from './Dialog';
import { DialogForm } from './forms';
import { MailFields } from './MailFields';
import { Pairs, type Pair } from './Pairs';

/** What becomes of copies of which nobody knows whether they were taken. */
export const POLICIES: Record<UnknownPolicy, string> = {
  HOLD: 'Leave it to a person',
  LOOK_UP: 'Ask the provider',
  RESEND: 'Send again (some may get it twice)',
};

/** Fields that are folded away until they are asked for, or refused. */
const MORE = ['ratePerMinute', 'retryAttempts', 'unknownPolicy', 'apiUrl', 'settings'];

const SMART = [
  { value: 'ORGANIZATION', label: 'As the organization says' },
  { value: 'YES', label: 'Yes' },
  { value: 'NO', label: 'No' },
];

/** What a custom provider's settings begin with; docs/providers/custom.md explains them. */
const CUSTOM = {
  request: {
    method: 'POST',
    url: 'https://gateway.example.com/send',
    headers: { Authorization: 'Bearer {{secret.apiKey}}' },
    body: { kind: 'json', template: { to: '{{to}}', from: '{{from}}', text: '{{body}}', ref: '{{messageId}}' } },
  },
  dlr: { messageIdPointer: '/ref', statusPointer: '/status' },
  inbound: {},
};

export function ProviderForm({ spec, provider, onClose }: { spec: KindSpec; provider?: ProviderConfig; onClose: () => void }) {
  const navigate = useNavigate();
  const stored = (provider?.settings ?? (spec.kind === 'CUSTOM' ? CUSTOM : {})) as Record<string, unknown>;
  const { mail, rest } = readMail(stored);
  const isMail = (channel: Channel) => channel === 'EMAIL' && spec.kind !== 'SANDBOX' && spec.kind !== 'CUSTOM';
  const form = useForm({
    initialValues: {
      name: provider?.name ?? spec.name,
      channel: provider?.channel ?? spec.channels[0] ?? 'SMS',
      senderId: provider?.senderId ?? '',
      credentials: Object.fromEntries(spec.fields.map(({ name }) => [name, ''])),
      // A custom provider's have names of its own.
      secrets: (spec.kind === 'CUSTOM' ? Object.keys(provider?.credentials ?? {}) : []).map((key): Pair => ({ key, value: '' })),
      mail,
      smart: provider?.smart == null ? 'ORGANIZATION' : provider.smart ? 'YES' : 'NO',
      settings: JSON.stringify(isMail(provider?.channel ?? spec.channels[0] ?? 'SMS') ? rest : stored, null, 2),
      isActive: provider?.isActive ?? true,
      isDefault: provider?.isDefault ?? false,
      ratePerMinute: (provider?.ratePerMinute ?? spec.defaultRatePerMinute) as number | string,
      retryAttempts: (provider?.retryAttempts ?? 3) as number | string,
      unknownPolicy: provider?.unknownPolicy ?? spec.defaultUnknownPolicy,
      apiUrl: provider?.apiUrl ?? '',
    },
    validate: {
      settings: (text) => {
        try {
          JSON.parse(text);
          return null;
        } catch {
          return 'Expected JSON.';
        }
      },
    },
  });
  const [more, setMore] = useState(false);
  const create = api.useMutation('post', '/api/providers', SHOWN);
  const save = api.useMutation('put', '/api/providers/{id}', SHOWN);

  const submit = form.onSubmit((values) => {
    const own = JSON.parse(values.settings) as Record<string, unknown>;
    const body = {
      kind: spec.kind,
      channel: values.channel,
      name: values.name,
      // What is left empty stays as it is.
      credentials: Object.fromEntries(
        [...Object.entries(values.credentials), ...values.secrets.map(({ key, value }) => [key.trim(), value] as const)].filter(([, value]) => value !== ''),
      ),
      settings: isMail(values.channel) ? writeMail(values.mail, own) : own,
      senderId: values.senderId || null,
      apiUrl: values.apiUrl || null,
      isActive: values.isActive,
      isDefault: values.isDefault,
      ratePerMinute: Number(values.ratePerMinute),
      retryAttempts: Number(values.retryAttempts),
      unknownPolicy: values.unknownPolicy,
      smart: values.smart === 'ORGANIZATION' ? null : values.smart === 'YES',
    };
    const onSuccess = ({ id }: ProviderConfig) => {
      showDone(provider ? 'The provider is saved.' : 'The provider is set up. Test it now.');
      void changed('providers', 'dashboard');
      onClose();
      void navigate({ to: '/providers/$id', params: { id } });
    };
    const secrets = values.secrets.map(({ key }, index) => [`credentials.${key.trim()}`, `secrets.${index}.value`] as const);
    const onError = onFields(form, { provider_name_taken: 'name', settings: 'settings', ...MAIL_NAMES, ...Object.fromEntries(secrets) });
    if (provider) save.mutate({ params: { path: { id: provider.id } }, body }, { onSuccess, onError });
    else create.mutate({ body }, { onSuccess, onError });
  });

  return (
    <Dialog onClose={onClose} title={provider ? `Change ${provider.name}` : `Add ${spec.name}`} size="lg">
      <DialogForm onSubmit={submit} onClose={onClose} pending={create.isPending || save.isPending}>
        <TextInput label="Name" description="As you call it" required data-autofocus {...form.getInputProps('name')} />
        {spec.channels.length > 1 && !provider && (
          <Select label="Channel" data={spec.channels.map((value) => ({ value, label: CHANNELS[value] }))} allowDeselect={false} {...form.getInputProps('channel')} onChange={(channel) => form.setFieldValue('channel', channel as Channel)} />
        )}
        {spec.fields.map((field) => {
          const Input = field.secret ? PasswordInput : TextInput;
          const kept = provider?.credentials[field.name];
          return (
            <Input
              key={field.name}
              label={field.label}
              description={field.help}
              required={field.required && !kept}
              placeholder={kept ? `${kept} (kept if left empty)` : undefined}
              pattern={field.pattern ?? undefined}
              autoComplete="off"
              {...form.getInputProps(`credentials.${field.name}`)}
            />
          );
        })}
        {spec.kind !== 'SANDBOX' && (
          <TextInput label="Sender" description="What recipients see: a name or number that the provider has approved" {...form.getInputProps('senderId')} />
        )}
        {isMail(form.values.channel) && <MailFields form={form} />}
        {spec.kind === 'CUSTOM' && (
          <>
            <Pairs
              form={form}
              name="secrets"
              values={form.values.secrets}
              label="Credentials"
              description={`Keys and passwords, kept encrypted; the settings name them as {{secret.apiKey}}.${provider ? ' Left empty, they stay as they are.' : ''}`}
              one="credential"
              example={{ key: 'apiKey', value: '' }}
              secret
            />
            <JsonInput label="Settings" description="How a request is made and an answer is read" autosize minRows={8} formatOnBlur {...form.getInputProps('settings')} />
          </>
        )}
        <Group>
          <Switch label="In use" {...form.getInputProps('isActive', { type: 'checkbox' })} />
          <Switch label="Default of its channel" {...form.getInputProps('isDefault', { type: 'checkbox' })} />
        </Group>
        <Accordion variant="contained" value={more || MORE.some((name) => form.errors[name] != null) ? 'more' : null} onChange={(value) => setMore(value === 'more')}>
          <Accordion.Item value="more">
            <Accordion.Control>Limits, retries and more</Accordion.Control>
            <Accordion.Panel>
              <Stack>
                <NumberInput label="Recipients a minute" min={1} max={60_000_000} thousandSeparator {...form.getInputProps('ratePerMinute')} />
                <NumberInput label="Tries after the first" min={0} max={10} {...form.getInputProps('retryAttempts')} />
                <Select label="When nobody knows whether a copy was taken" data={spec.unknownPolicies.map((value) => ({ value, label: POLICIES[value] }))} allowDeselect={false} {...form.getInputProps('unknownPolicy')} />
                {form.values.channel === 'SMS' && <Select label="Replace look-alike characters" data={SMART} allowDeselect={false} {...form.getInputProps('smart')} />}
                {spec.kind !== 'SANDBOX' && <TextInput label="Address" description="Instead of the provider’s own" placeholder="https://" {...form.getInputProps('apiUrl')} />}
                {spec.kind !== 'SANDBOX' && spec.kind !== 'CUSTOM' && (
                  <JsonInput
                    label="Settings of this kind"
                    description="As JSON; the documentation of the provider lists them"
                    autosize
                    minRows={2}
                    formatOnBlur
                    {...form.getInputProps('settings')}
                  />
                )}
              </Stack>
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      </DialogForm>
    </Dialog>
  );
}
