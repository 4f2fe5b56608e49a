// Writing a message: whom it goes to, what it says, when; and beside it what each would read, and what it would cost.
import {
  Alert,
  Button,
  Card,
  Fieldset,
  Grid,
  Group,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { modals } from '@mantine/modals';
import { IconCalendarClock, IconDeviceFloppy, IconSend } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { api, changed, SHOWN } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { Channel, MessageDetail, MessageEstimate, MessageRequest } from '../api/schema';
import { AudiencePicker, audience } from '../components/AudiencePicker';
import { Estimate, useEstimate, usePreviews } from '../components/Estimate';
import { Page } from '../components/Page';
import { Shown } from '../components/states';
import { useSendOnce } from '../components/useSendOnce';
import { VariableTextarea } from '../components/VariableTextarea';
import { dropDraft, keepDraft, keptDraft } from '../lib/draft';
import { CHANNEL_OPTIONS, dateTime, localNow, money, number, toInstant, toLocal, zone } from '../lib/format';
import { timeZones } from '../lib/places';
import { CONTACT_FIELDS, ownVariables } from '../lib/variables';

const DateTimePicker = lazy(() => import('../components/DateTime'));

interface Values {
  channel: Channel;
  title: string;
  recipients: string[];
  templateId: string | null;
  subject: string;
  body: string;
  variables: Record<string, string>;
  providerId: string | null;
  when: 'now' | 'later';
  at: string | null;
  zone: string;
}

/** The draft of a message that is not there yet. */
const NEW = 'new';

/** What problems name otherwise than the form. */
const NAMES = { recipientId: 'recipients', recipientType: 'recipients', recipients: 'recipients', audience_empty: 'recipients', scheduledAt: 'at', provider: 'providerId' };

export default function Compose() {
  const { edit } = useSearch({ from: '/inside/messages/new' });
  const query = api.useQuery('get', '/api/messages/{id}', { params: { path: { id: edit ?? '' } } }, { enabled: !!edit, staleTime: Infinity });
  return edit ? <Shown query={query}>{(message) => <Editor key={message.id} message={message} />}</Shown> : <Editor />;
}

function initial(message: MessageDetail | undefined, to: string | undefined, templateId: string | undefined): Values {
  const empty: Values = {
    channel: 'SMS',
    title: '',
    recipients: [],
    templateId: null,
    subject: '',
    body: '',
    variables: {},
    providerId: null,
    when: 'now',
    at: null,
    zone: zone(),
  };
  const kept = keptDraft<Values>(message?.id ?? NEW);
  if (message) {
    return {
      ...empty,
      channel: message.channel,
      title: message.title,
      templateId: message.templateId,
      subject: message.subject ?? '',
      body: message.body,
      variables: Object.fromEntries(Object.entries(message.variables).map(([name, value]) => [name, String(value)])),
      when: message.scheduledAt ? 'later' : 'now',
      at: message.scheduledAt ? toLocal(message.scheduledAt) : null,
      ...kept,
    };
  }
  return {
    ...empty,
    ...kept,
    recipients: to ? to.split(',') : (kept?.recipients ?? []),
    templateId: templateId ?? kept?.templateId ?? null,
  };
}

function Editor({ message }: { message?: MessageDetail }) {
  const navigate = useNavigate();
  const { to, templateId } = useSearch({ from: '/inside/messages/new' });
  const form = useForm<Values>({ initialValues: initial(message, to, templateId) });
  const { values } = form;
  const once = useSendOnce();
  const draft = message?.id ?? NEW;
  const [first] = useState(values);
  useEffect(() => {
    if (values !== first) keepDraft(draft, values);
  }, [values, first, draft]);

  const templates = api.useQuery('get', '/api/templates', { params: { query: { limit: 100, channel: values.channel } } });
  const template = templates.data?.data.find(({ id }) => id === values.templateId);
  const providers = api.useQuery('get', '/api/providers', { params: { query: { limit: 100, channel: values.channel, isActive: true } } });
  const text = template?.body ?? values.body;
  const own = ownVariables(text);

  const request = (): MessageRequest => ({
    channel: values.channel,
    title: values.title || null,
    subject: values.channel === 'EMAIL' ? values.subject || null : null,
    ...(values.templateId ? { templateId: values.templateId } : { body: values.body }),
    variables: Object.fromEntries(own.filter(({ name }) => values.variables[name]).map(({ name }) => [name, values.variables[name]!])),
    ...audience(values.recipients),
    providerId: values.providerId,
  });
  const ready = values.recipients.length > 0 && text.trim() !== '';
  const estimate = useEstimate(ready ? request() : null);
  const previews = usePreviews(values.recipients);
  const names = [...CONTACT_FIELDS, ...previews.attributes.map((name) => `attributes.${name}`), ...own.map(({ name }) => name)];

  const scheduledAt = values.when === 'later' && values.at ? toInstant(values.at, values.zone) : null;
  const onError = (error: unknown) => {
    onFields(form, NAMES)(error);
    once.refused(error);
  };
  const create = api.useMutation('post', '/api/messages', SHOWN);
  const save = api.useMutation('put', '/api/messages/{id}', SHOWN);
  const open = (id: string, text: string) => {
    dropDraft(draft);
    showDone(text);
    void changed('messages', 'dashboard');
    void navigate({ to: '/messages/$id', params: { id } });
  };

  const send = (asDraft: boolean) =>
    create.mutate(
      { body: { ...request(), scheduledAt, draft: asDraft }, params: { header: once.header } },
      { onSuccess: ({ id }) => open(id, asDraft ? 'Kept as a draft.' : scheduledAt ? `It goes out on ${dateTime(scheduledAt)}.` : 'It is on its way.'), onError },
    );
  const change = (one: MessageDetail) => {
    // The channel and the provider of a message stay what they are.
    const { title, subject, body, templateId, variables } = request();
    const to = values.recipients.length > 0 ? audience(values.recipients) : {};
    save.mutate({ params: { path: { id: one.id } }, body: { title, subject, body, templateId, variables, ...to, scheduledAt } }, { onSuccess: () => open(one.id, 'The message is changed.'), onError });
  };

  const submit = form.onSubmit(() => {
    if (values.when === 'later' && !values.at) {
      form.setFieldError('at', 'Choose a day and a time.');
      return;
    }
    if (message) change(message);
    else if (estimate.data) ask(estimate.data, scheduledAt, () => send(false));
    else send(false);
  });

  return (
    <Page
      title={message ? 'Edit the message' : 'New message'}
      back={{ to: '/messages', label: 'Messages' }}
      about={message ? `To ${number(message.recipientCount)} recipients` : 'You see what it costs before it goes out.'}
    >
      <form onSubmit={submit}>
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, md: 7, lg: 8 }}>
            <Stack>
              <Card>
                <Stack>
                  {!message && (
                    <SegmentedControl
                      aria-label="Channel"
                      style={{ alignSelf: 'flex-start' }}
                      data={CHANNEL_OPTIONS}
                      {...form.getInputProps('channel')}
                      onChange={(channel) => form.setValues({ channel: channel as Channel, templateId: null, providerId: null })}
                    />
                  )}
                  <AudiencePicker
                    label="To"
                    description={message ? 'Left empty, it goes to whom it went before' : 'Groups, contacts, or numbers as you type them'}
                    placeholder={values.recipients.length === 0 ? 'Group, name or number' : undefined}
                    required={!message}
                    {...form.getInputProps('recipients')}
                  />
                  <TextInput label="Title" description="For you; recipients do not see it" placeholder="The first words of the text" {...form.getInputProps('title')} />
                </Stack>
              </Card>
              <Card>
                <Stack>
                  <Select
                    label="Template"
                    placeholder="None: write the text here"
                    data={(templates.data?.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
                    clearable
                    searchable
                    {...form.getInputProps('templateId')}
                  />
                  {values.channel === 'EMAIL' && <TextInput label="Subject" required={!template} {...form.getInputProps('subject')} />}
                  {template ? (
                    <Stack gap={6}>
                      <Text size="sm" fw={500}>
                        Text of the template
                      </Text>
                      <div className="bubble">{template.body}</div>
                      <Button
                        size="compact-sm"
                        variant="subtle"
                        style={{ alignSelf: 'flex-start' }}
                        onClick={() => form.setValues({ templateId: null, body: template.body, subject: template.subject ?? '' })}
                      >
                        Change it for this message
                      </Button>
                    </Stack>
                  ) : (
                    <VariableTextarea label="Text" placeholder="Hello {{name}}, …" required names={[...new Set(names)]} counter={values.channel === 'SMS'} {...form.getInputProps('body')} />
                  )}
                  {own.length > 0 && (
                    <Fieldset legend="Values for everyone">
                      <SimpleGrid cols={{ base: 1, sm: 2 }}>
                        {own.map(({ name, hasDefault }) => (
                          <TextInput
                            key={name}
                            label={name}
                            required={!hasDefault}
                            error={form.errors[`variables.${name}`]}
                            value={values.variables[name] ?? ''}
                            onChange={(event) => form.setFieldValue('variables', { ...values.variables, [name]: event.currentTarget.value })}
                          />
                        ))}
                      </SimpleGrid>
                    </Fieldset>
                  )}
                </Stack>
              </Card>
              <Card>
                <Stack>
                  <SegmentedControl
                    aria-label="When"
                    style={{ alignSelf: 'flex-start' }}
                    data={[
                      { value: 'now', label: message ? 'As soon as it is released' : 'Now' },
                      { value: 'later', label: 'Later' },
                    ]}
                    {...form.getInputProps('when')}
                  />
                  {values.when === 'later' && (
                    <Suspense>
                      <SimpleGrid cols={{ base: 1, sm: 2 }}>
                        <DateTimePicker label="Day and time" minDate={localNow(values.zone)} required {...form.getInputProps('at')} />
                        <Select label="On the clocks of" data={timeZones()} searchable allowDeselect={false} {...form.getInputProps('zone')} />
                      </SimpleGrid>
                    </Suspense>
                  )}
                  {!message && (providers.data?.data.length ?? 0) > 1 && (
                    <Select
                      label="Provider"
                      placeholder="The default one"
                      data={providers.data?.data.map(({ id, name }) => ({ value: id, label: name }))}
                      clearable
                      {...form.getInputProps('providerId')}
                    />
                  )}
                </Stack>
              </Card>
              <Group justify="flex-end">
                {!message && (
                  <Button variant="default" leftSection={<IconDeviceFloppy size={16} aria-hidden />} disabled={!ready} loading={create.isPending} onClick={() => send(true)}>
                    Keep as a draft
                  </Button>
                )}
                <Button
                  type="submit"
                  size="md"
                  leftSection={values.when === 'later' ? <IconCalendarClock size={18} aria-hidden /> : <IconSend size={18} aria-hidden />}
                  loading={create.isPending || save.isPending}
                >
                  {message ? 'Save' : values.when === 'later' ? 'Schedule' : 'Send'}
                </Button>
              </Group>
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 5, lg: 4 }}>
            <Estimate estimate={estimate} request={ready ? request() : null} previews={previews.recipients} text={text} />
          </Grid.Col>
        </Grid>
      </form>
    </Page>
  );
}

function ask(estimate: MessageEstimate, scheduledAt: string | null, onConfirm: () => void) {
  const left = estimate.recipients - estimate.sendable;
  modals.openConfirmModal({
    title: scheduledAt ? 'Schedule this message?' : 'Send this message?',
    children: (
      <Stack gap="xs">
        <Text>
          To <b>{number(estimate.sendable)}</b> {estimate.sendable === 1 ? 'recipient' : 'recipients'}
          {estimate.segments > 0 && `, ${number(estimate.segments)} segments`}
          {estimate.cost && `, about ${money(estimate.cost)}`}
          {scheduledAt ? `, on ${dateTime(scheduledAt)}.` : ', now.'}
        </Text>
        {left > 0 && <Alert color="orange">{number(left)} are left out; the estimate says why.</Alert>}
      </Stack>
    ),
    labels: { confirm: scheduledAt ? 'Schedule it' : 'Send it', cancel: 'Not yet' },
    onConfirm,
  });
}
