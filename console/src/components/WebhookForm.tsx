// Making or changing a webhook endpoint. The secret of a new one is shown once.
import { Checkbox, SimpleGrid, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, changed, SHOWN } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { EventType, WebhookEndpoint, WebhookEndpointWithSecret } from '../api/schema';
import { Dialog } from './Dialog';
import { DialogForm, ShownOnce } from './forms';

/** Every event, in words. Tests are sent whatever is chosen. */
export const EVENTS: Record<EventType, string> = {
  'message.sent': 'A message is through',
  'message.failed': 'A message failed',
  'delivery.delivered': 'Copies arrived',
  'delivery.read': 'Copies were read',
  'delivery.failed': 'Copies failed',
  'message.received': 'Somebody wrote',
  'contact.opted_out': 'Somebody opted out',
  'contact.opted_in': 'Somebody opted in again',
  'import.done': 'An import is done',
  'import.failed': 'An import failed',
  'alert.raised': 'An alert was raised',
  'webhook.test': 'A test',
};
const CHOICES = (Object.keys(EVENTS) as EventType[]).filter((event) => event !== 'webhook.test');

/** How an endpoint is, for its badge. */
export function endpointState({ isActive, disabledAt, failingSince }: WebhookEndpoint): string {
  if (disabledAt) return 'DISABLED';
  if (!isActive) return 'INACTIVE';
  return failingSince ? 'FAILING' : 'ACTIVE';
}

export const SECRET_ABOUT = 'Keep it now: it is not shown again. Your program checks with it that a call is from here.';

export function WebhookForm({ endpoint, onClose }: { endpoint?: WebhookEndpoint; onClose: () => void }) {
  const navigate = useNavigate();
  const [made, setMade] = useState<WebhookEndpointWithSecret>();
  const form = useForm({
    initialValues: {
      url: endpoint?.url ?? '',
      description: endpoint?.description ?? '',
      all: (endpoint?.events.length ?? 0) === 0,
      events: endpoint?.events ?? ([] as EventType[]),
    },
    validate: { events: (events, { all }) => (all || events.length > 0 ? null : 'Choose some, or all.') },
  });
  const create = api.useMutation('post', '/api/webhook-endpoints', SHOWN);
  const save = api.useMutation('put', '/api/webhook-endpoints/{id}', SHOWN);
  const submit = form.onSubmit(({ url, description, all, events }) => {
    const body = { url, description: description || null, events: all ? [] : events };
    const onError = onFields(form, { events: 'events' });
    const done = () => void changed('webhook-endpoints');
    if (endpoint) {
      const onSuccess = () => {
        showDone('The endpoint is changed.');
        done();
        onClose();
      };
      save.mutate({ params: { path: { id: endpoint.id } }, body }, { onSuccess, onError });
    } else {
      const onSuccess = (answer: WebhookEndpointWithSecret) => {
        setMade(answer);
        done();
      };
      create.mutate({ body }, { onSuccess, onError });
    }
  });
  const open = () => {
    onClose();
    if (made) void navigate({ to: '/webhooks/$id', params: { id: made.id } });
  };

  return (
    <Dialog onClose={made ? open : onClose} title={endpoint ? 'Change the endpoint' : 'New webhook endpoint'} size="lg">
      {made ? (
        <ShownOnce label="Secret" value={made.secret ?? ''} about={SECRET_ABOUT} onClose={open} />
      ) : (
        <DialogForm onSubmit={submit} onClose={onClose} pending={create.isPending || save.isPending}>
          <TextInput label="Address" description="Of your program, by https" type="url" placeholder="https://shop.example/dundun" required data-autofocus {...form.getInputProps('url')} />
          <TextInput label="Description" description="What it is for" {...form.getInputProps('description')} />
          <Switch label="Tell it everything" description="New kinds of events too" {...form.getInputProps('all', { type: 'checkbox' })} />
          {!form.values.all && (
            <Checkbox.Group label="Tell it" {...form.getInputProps('events')}>
              <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs" mt="xs">
                {CHOICES.map((event) => (
                  <Checkbox key={event} value={event} label={EVENTS[event]} description={<span className="code">{event}</span>} />
                ))}
              </SimpleGrid>
            </Checkbox.Group>
          )}
        </DialogForm>
      )}
    </Dialog>
  );
}
