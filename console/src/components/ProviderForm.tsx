// The form of a provider, built from what its kind needs. Credentials are written, never read back.
import { Accordion, Button, Group, JsonInput, NumberInput, PasswordInput, Select, Stack, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import { api, changed } from '../api/client';
import { isProblem, onFields, showDone } from '../api/problem';
import type { Channel, KindSpec, ProviderConfig, UnknownPolicy } from '../api/schema';
import { Dialog } from './Dialog';

const POLICIES: { value: UnknownPolicy; label: string }[] = [
  { value: 'HOLD', label: 'Leave it to a person' },
  { value: 'LOOK_UP', label: 'Ask the provider' },
  { value: 'RESEND', label: 'Send again (some may get it twice)' },
];

/** What a custom provider's settings begin with; docs/providers/custom.md explains them. */
const CUSTOM = {
  request: { method: 'POST', url: 'https://sms.example.com/send', headers: {}, body: { to: '{{to}}', text: '{{body}}', ref: '{{messageId}}' } },
};

export function ProviderForm({ spec, provider, onClose }: { spec: KindSpec; provider?: ProviderConfig; onClose: () => void }) {
  const navigate = useNavigate();
  const form = useForm({
    initialValues: {
      name: provider?.name ?? spec.name,
      channel: provider?.channel ?? spec.channels[0] ?? 'SMS',
      senderId: provider?.senderId ?? '',
      credentials: Object.fromEntries(spec.fields.map(({ name }) => [name, ''])),
      settings: provider ? JSON.stringify(provider.settings, null, 2) : spec.kind === 'CUSTOM' ? JSON.stringify(CUSTOM, null, 2) : '{}',
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
  const shown = { meta: { shown: true } };
  const create = api.useMutation('post', '/api/providers', shown);
  const save = api.useMutation('put', '/api/providers/{id}', shown);

  const submit = form.onSubmit((values) => {
    const body = {
      kind: spec.kind,
      channel: values.channel,
      name: values.name,
      // What is left empty stays as it is.
      credentials: Object.fromEntries(Object.entries(values.credentials).filter(([, value]) => value !== '')),
      settings: JSON.parse(values.settings) as Record<string, unknown>,
      senderId: values.senderId || null,
      apiUrl: values.apiUrl || null,
      isActive: values.isActive,
      isDefault: values.isDefault,
      ratePerMinute: Number(values.ratePerMinute),
      retryAttempts: Number(values.retryAttempts),
      unknownPolicy: values.unknownPolicy,
    };
    const onSuccess = ({ id }: ProviderConfig) => {
      showDone(provider ? 'The provider is saved.' : 'The provider is set up. Test it now.');
      void changed('providers', 'dashboard');
      onClose();
      void navigate({ to: '/providers/$id', params: { id } });
    };
    const onError = (error: unknown) => {
      if (isProblem(error) && error.status === 409 && error.code.includes('name')) form.setFieldError('name', error.detail);
      else onFields(form, Object.keys(form.getInitialValues()))(error);
    };
    if (provider) save.mutate({ params: { path: { id: provider.id } }, body }, { onSuccess, onError });
    else create.mutate({ body }, { onSuccess, onError });
  });

  return (
    <Dialog onClose={onClose} title={provider ? `Change ${provider.name}` : `Add ${spec.name}`} size="lg">
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Name" description="As you call it" required data-autofocus {...form.getInputProps('name')} />
          {spec.channels.length > 1 && !provider && (
            <Select label="Channel" data={spec.channels} allowDeselect={false} {...form.getInputProps('channel')} onChange={(channel) => form.setFieldValue('channel', channel as Channel)} />
          )}
          {spec.fields.map((field) => {
            const Input = field.secret ? PasswordInput : TextInput;
            const stored = provider?.credentials[field.name];
            return (
              <Input
                key={field.name}
                label={field.label}
                description={field.help}
                required={field.required && !stored}
                placeholder={stored ? `${stored} (kept if left empty)` : undefined}
                pattern={field.pattern ?? undefined}
                autoComplete="off"
                {...form.getInputProps(`credentials.${field.name}`)}
              />
            );
          })}
          {spec.kind !== 'SANDBOX' && (
            <TextInput label="Sender" description="What recipients see: a name or number that the provider has approved" {...form.getInputProps('senderId')} />
          )}
          {spec.kind === 'CUSTOM' && (
            <JsonInput label="Settings" description="How a request is made and an answer is read" autosize minRows={8} formatOnBlur {...form.getInputProps('settings')} />
          )}
          <Group>
            <Switch label="In use" {...form.getInputProps('isActive', { type: 'checkbox' })} />
            <Switch label="Default of its channel" {...form.getInputProps('isDefault', { type: 'checkbox' })} />
          </Group>
          <Accordion variant="contained">
            <Accordion.Item value="more">
              <Accordion.Control>Limits and retries</Accordion.Control>
              <Accordion.Panel>
                <Stack>
                  <NumberInput label="Recipients a minute" min={1} max={60_000_000} thousandSeparator {...form.getInputProps('ratePerMinute')} />
                  <NumberInput label="Tries after the first" min={0} max={10} {...form.getInputProps('retryAttempts')} />
                  <Select label="When nobody knows whether a copy was taken" data={POLICIES} allowDeselect={false} {...form.getInputProps('unknownPolicy')} />
                  {spec.kind !== 'SANDBOX' && <TextInput label="Address" description="Instead of the provider’s own" placeholder="https://" {...form.getInputProps('apiUrl')} />}
                </Stack>
              </Accordion.Panel>
            </Accordion.Item>
          </Accordion>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending || save.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
