// Writing a message: whom it goes to, what it says, when; and beside it what each would read, and what it would cost.
import {
  Button,
  Card,
  Fieldset,
  Grid,
  Group,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconCalendarClock, IconDeviceFloppy, IconSend } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { api, changed, SHOWN } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { Channel, MessageDetail, MessageRequest, WhatsAppTemplateParameters } from '../api/schema';
import { useSession } from '../app/useSession';
import { AudiencePicker, audience } from '../components/AudiencePicker';
import { confirmSend } from '../components/confirmSend';
import { Estimate, estimateOf, useEstimate, usePreviews } from '../components/Estimate';
import { MediaPicker, MOST_FILES } from '../components/MediaPicker';
import { Page } from '../components/Page';
import { Shown } from '../components/states';
import { useProviders } from '../components/useProviders';
import { useSendOnce } from '../components/useSendOnce';
import { useTemplates, useWhatsAppTemplates } from '../components/useTemplates';
import { MAIL_ABOUT, VariableTextarea } from '../components/VariableTextarea';
import { WhatsAppFields } from '../components/WhatsAppFields';
import { dropDraft, keepDraft, keptDraft } from '../lib/draft';
import { CHANNEL_OPTIONS, dateTime, localNow, number, toInstant, toLocal, zone } from '../lib/format';
import { timeZones } from '../lib/places';
import { CONTACT_FIELDS, ownVariables } from '../lib/variables';
import { NO_PARAMETERS, blanks, filled, parametersOf } from '../lib/whatsapp';

const DateTimePicker = lazy(() => import('../components/DateTime'));

interface Values {
  channel: Channel;
  title: string;
  recipients: string[];
  templateId: string | null;
  subject: string;
  body: string;
  variables: Record<string, string>;
  smart: boolean;
  /** On WhatsApp, in place of a text. */
  whatsappTemplateId: string | null;
  parameters: WhatsAppTemplateParameters;
  mediaIds: string[];
  providerId: string | null;
  when: 'now' | 'later';
  at: string | null;
  zone: string;
}

/** In place of a provider: routing picks one. */
const AUTO = 'auto';

/** The draft of a message that is not there yet. */
const NEW = 'new';

/** What problems name otherwise than the form. */
const NAMES = { recipientId: 'recipients', recipientType: 'recipients', recipients: 'recipients', audience_empty: 'recipients', scheduledAt: 'at', provider: 'providerId', whatsappTemplate: 'whatsappTemplateId', mediaIds: 'mediaIds', window_closed: 'whatsappTemplateId' };

export default function Compose() {
  const { edit } = useSearch({ from: '/inside/messages/new' });
  const query = api.useQuery('get', '/api/messages/{id}', { params: { path: { id: edit ?? '' } } }, { enabled: !!edit, staleTime: Infinity });
  return edit ? <Shown query={query}>{(message) => <Editor key={message.id} message={message} />}</Shown> : <Editor />;
}

/** What the address says of a new message. */
interface Given {
  to?: string;
  templateId?: string;
  channel?: string;
}

function initial(message: MessageDetail | undefined, given: Given, smart: boolean): Values {
  const { to, templateId } = given;
  const channel = CHANNEL_OPTIONS.find(({ value }) => value === given.channel)?.value as Channel | undefined;
  const empty: Values = {
    channel: 'SMS',
    title: '',
    recipients: [],
    templateId: null,
    subject: '',
    body: '',
    variables: {},
    smart,
    whatsappTemplateId: null,
    parameters: NO_PARAMETERS,
    mediaIds: [],
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
      smart: message.smart,
      whatsappTemplateId: message.whatsappTemplate?.id ?? null,
      parameters: message.whatsappTemplate?.parameters ?? NO_PARAMETERS,
      mediaIds: message.mediaIds,
      when: message.scheduledAt ? 'later' : 'now',
      at: message.scheduledAt ? toLocal(message.scheduledAt) : null,
      ...kept,
    };
  }
  return {
    ...empty,
    ...kept,
    ...(channel && { channel }),
    recipients: to ? to.split(',') : (kept?.recipients ?? []),
    templateId: templateId ?? kept?.templateId ?? null,
  };
}

function Editor({ message }: { message?: MessageDetail }) {
  const navigate = useNavigate();
  const given = useSearch({ from: '/inside/messages/new' });
  const { organization } = useSession();
  const form = useForm<Values>({ initialValues: initial(message, given, organization.smart) });
  const { values } = form;
  const once = useSendOnce();
  const draft = message?.id ?? NEW;
  const [first] = useState(values);
  useEffect(() => {
    if (values !== first) keepDraft(draft, values);
  }, [values, first, draft]);

  const templates = useTemplates({ channel: values.channel });
  const template = templates.find(values.templateId);
  const { providers, options, find } = useProviders({ channel: values.channel, usable: true });
  const provider = find(values.providerId) ?? (values.providerId === AUTO ? undefined : (providers.find(({ isDefault }) => isDefault) ?? providers[0]));
  const approved = useWhatsAppTemplates(values.channel === 'WHATSAPP');
  const whatsapp = values.channel === 'WHATSAPP' ? approved.find(({ id }) => id === values.whatsappTemplateId) : undefined;
  const parameters = whatsapp && parametersOf(blanks(whatsapp.components), values.parameters);
  const text = whatsapp ? filled(whatsapp.components, values.parameters) : (template?.body ?? values.body);
  const own = ownVariables(parameters ? Object.values(parameters).flat().join(' ') : text);

  const request = (): MessageRequest => ({
    channel: values.channel,
    title: values.title || null,
    subject: values.channel === 'EMAIL' ? values.subject || null : null,
    ...(whatsapp ? { whatsappTemplate: { id: whatsapp.id, parameters } } : values.templateId ? { templateId: values.templateId } : { body: values.body }),
    variables: Object.fromEntries(own.filter(({ name }) => values.variables[name]).map(({ name }) => [name, values.variables[name]!])),
    ...(values.channel === 'SMS' && form.isDirty('smart') ? { smart: values.smart } : {}),
    mediaIds: values.mediaIds,
    ...audience(values.recipients),
    // A template goes by the provider that it belongs to.
    providerId: whatsapp ? null : values.providerId,
  });
  const ready = values.recipients.length > 0 && text.trim() !== '' && (values.channel !== 'EMAIL' || !!values.subject.trim() || !!template);
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

  const send = (asDraft: boolean, what = request()) =>
    create.mutate(
      { body: { ...what, scheduledAt, draft: asDraft }, params: { header: once.header } },
      { onSuccess: ({ id }) => open(id, asDraft ? 'Kept as a draft.' : scheduledAt ? `It goes out on ${dateTime(scheduledAt)}.` : 'It is on its way.'), onError },
    );
  const change = (one: MessageDetail) => {
    // The channel and the provider of a message stay what they are.
    const { title, subject, body, templateId, whatsappTemplate, variables, smart, mediaIds } = request();
    const to = values.recipients.length > 0 ? audience(values.recipients) : {};
    save.mutate({ params: { path: { id: one.id } }, body: { title, subject, body, templateId, whatsappTemplate, variables, smart, mediaIds, ...to, scheduledAt } }, { onSuccess: () => open(one.id, 'The message is changed.'), onError });
  };

  // Nothing goes out before its price was shown, however fast somebody is; and just that goes out.
  const price = useMutation({ ...SHOWN, mutationFn: estimateOf, onSuccess: (known, asked) => confirmSend(known, scheduledAt, () => send(false, asked)), onError });
  const submit = form.onSubmit(() => {
    if (values.when === 'later' && !values.at) {
      form.setFieldError('at', 'Choose a day and a time.');
      return;
    }
    if (message) change(message);
    else price.mutate(request());
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
                      onChange={(channel) => form.setValues({ channel: channel as Channel, templateId: null, whatsappTemplateId: null, mediaIds: [], providerId: null })}
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
                  {values.channel === 'WHATSAPP' && (
                    <WhatsAppFields
                      templates={approved}
                      template={whatsapp}
                      parameters={values.parameters}
                      error={form.errors.whatsappTemplateId}
                      onTemplate={(id) => form.setValues({ whatsappTemplateId: id, parameters: NO_PARAMETERS, templateId: null })}
                      onParameters={(given) => form.setFieldValue('parameters', given)}
                    />
                  )}
                  {!whatsapp && <Select
                    label="Template"
                    placeholder="None: write the text here"
                    data={templates.options}
                    clearable
                    searchable
                    {...form.getInputProps('templateId')}
                  />}
                  {values.channel === 'EMAIL' && <TextInput label="Subject" required={!template} {...form.getInputProps('subject')} />}
                  {whatsapp ? null : template ? (
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
                    <VariableTextarea label="Text" description={values.channel === 'EMAIL' ? MAIL_ABOUT : undefined} placeholder="Hello {{name}}, …" required names={[...new Set(names)]} counter={values.channel === 'SMS'} replaces={values.smart} {...form.getInputProps('body')} />
                  )}
                  {values.channel === 'SMS' && (
                    <Switch
                      label="Replace look-alike characters"
                      description="Curly quotes, dashes and accents that would more than halve what fits into a segment"
                      {...form.getInputProps('smart', { type: 'checkbox' })}
                    />
                  )}
                  {MOST_FILES[values.channel] > 0 && <MediaPicker channel={values.channel} {...form.getInputProps('mediaIds')} />}
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
                  {!message && !whatsapp && providers.length > 1 && (
                    <Select
                      label="Provider"
                      description={values.providerId === AUTO ? 'The routing rules pick one for each part of the recipients; another takes over when it fails' : undefined}
                      placeholder="The default one"
                      data={[{ value: AUTO, label: 'Automatic: by the routing rules' }, ...options]}
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
                  loading={price.isPending || create.isPending || save.isPending}
                >
                  {message ? 'Save' : values.when === 'later' ? 'Schedule' : 'Send'}
                </Button>
              </Group>
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 5, lg: 4 }}>
            <Estimate estimate={estimate} request={ready ? request() : null} channel={values.channel} previews={previews.recipients} text={text} provider={provider} onSmart={(smart) => form.setFieldValue('smart', smart)} />
          </Grid.Col>
        </Grid>
      </form>
    </Page>
  );
}
