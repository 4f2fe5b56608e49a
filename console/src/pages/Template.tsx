// One template: its text, its variables, and how it reads with values.
import { Alert, Button, Grid, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { IconCopy, IconLock, IconSend } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, changed, KEEP, SHOWN } from '../api/client';
import { isProblem, onFields, sentence, showDone } from '../api/problem';
import type { PreviewText, Template as TemplateView } from '../api/schema';
import { useMay } from '../app/useSession';
import { DangerButton } from '../components/confirm';
import { FormCard } from '../components/forms';
import { ButtonLink } from '../components/links';
import { MailFrame } from '../components/MailFrame';
import { Page } from '../components/Page';
import { Section } from '../components/Section';
import { Shown } from '../components/states';
import { MAIL_ABOUT, VariableTextarea } from '../components/VariableTextarea';
import { CHANNEL_OPTIONS, counted } from '../lib/format';
import { CONTACT_FIELDS, variables } from '../lib/variables';

export default function Template() {
  const { id } = useParams({ from: '/inside/templates/$id' });
  const query = api.useQuery('get', '/api/templates/{id}', { params: { path: { id } } }, { enabled: id !== 'new' });
  if (id === 'new') return <Editor />;
  return <Shown query={query}>{(template) => <Editor key={`${template.id} ${template.version}`} template={template} />}</Shown>;
}

function Editor({ template }: { template?: TemplateView }) {
  const navigate = useNavigate();
  const may = useMay('MEMBER');
  const locked = !may || template?.isCustom === false;
  const form = useForm({
    initialValues: {
      name: template?.name ?? '',
      channel: template?.channel ?? 'SMS',
      event: template?.event ?? '',
      subject: template?.subject ?? '',
      body: template?.body ?? '',
    },
  });
  const { values } = form;
  const create = api.useMutation('post', '/api/templates', SHOWN);
  const save = api.useMutation('put', '/api/templates/{id}', SHOWN);
  const open = (text: string) => (made: TemplateView) => {
    showDone(text);
    void changed('templates');
    return navigate({ to: '/templates/$id', params: { id: made.id } });
  };
  const copy = api.useMutation('post', '/api/templates/{id}/copy', { onSuccess: open('This is the copy. Change it as you like.') });
  const remove = api.useMutation('delete', '/api/templates/{id}', {
    onSuccess: async () => {
      showDone('The template is deleted.');
      await navigate({ to: '/templates' });
      void changed('templates');
    },
  });
  const submit = form.onSubmit(({ event, subject, ...rest }) => {
    const body = { ...rest, event: event || null, subject: values.channel === 'EMAIL' ? subject || null : null };
    const onError = onFields(form);
    if (template) save.mutate({ params: { path: { id: template.id } }, body }, { onSuccess: open('The template is saved.'), onError });
    else create.mutate({ body }, { onSuccess: open('The template is made.'), onError });
  });

  return (
    <Page
      title={template?.name ?? 'New template'}
      back={{ to: '/templates', label: 'Templates' }}
      actions={
        template &&
        may && (
          <>
            {template.isCustom && (
              <DangerButton
                title={`Delete ${template.name}?`}
                text="Messages that used it keep their text."
                onConfirm={() => remove.mutate({ params: { path: { id: template.id } } })}
              />
            )}
            <Button variant="default" leftSection={<IconCopy size={16} aria-hidden />} loading={copy.isPending} onClick={() => copy.mutate({ params: { path: { id: template.id } }, body: {} })}>
              Copy
            </Button>
            <ButtonLink leftSection={<IconSend size={16} aria-hidden />} to="/messages/new" search={{ templateId: template.id }}>
              Use it
            </ButtonLink>
          </>
        )
      }
    >
      {template && !template.isCustom && (
        <Alert icon={<IconLock aria-hidden />} color="gray">
          This template cannot be changed, for programs rely on it. A copy can.
        </Alert>
      )}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <FormCard onSubmit={submit} pending={create.isPending || save.isPending} locked={locked}>
            <TextInput label="Name" required readOnly={locked} {...form.getInputProps('name')} />
            <Group grow align="flex-start">
              <Select
                label="Channel"
                data={CHANNEL_OPTIONS}
                allowDeselect={false}
                readOnly={locked}
                {...form.getInputProps('channel')}
              />
              <TextInput label="Event" description="For programs that send by event" placeholder="ORDER_PAID" readOnly={locked} {...form.getInputProps('event')} />
            </Group>
            {values.channel === 'EMAIL' && <TextInput label="Subject" readOnly={locked} {...form.getInputProps('subject')} />}
            <VariableTextarea
              label="Text"
              description={values.channel === 'EMAIL' ? MAIL_ABOUT : undefined}
              required
              readOnly={locked}
              names={[...CONTACT_FIELDS, ...variables(values.body).map(({ name }) => name)].filter((name, index, all) => all.indexOf(name) === index)}
              counter={values.channel === 'SMS'}
              {...form.getInputProps('body')}
            />
          </FormCard>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Preview text={values} />
        </Grid.Col>
      </Grid>
    </Page>
  );
}

/** How the text reads with values in it, saved or not. */
function Preview({ text: { channel, subject, body } }: { text: Pick<TemplateView, 'channel' | 'subject' | 'body'> }) {
  const [given, setGiven] = useState<Record<string, string>>({});
  const names = variables(`${channel === 'EMAIL' ? (subject ?? '') : ''} ${body}`).map(({ name }) => name);
  const values = Object.fromEntries(names.flatMap((name) => (given[name] ? [[name, given[name]]] : [])));
  const [asked] = useDebouncedValue(JSON.stringify({ channel, subject: channel === 'EMAIL' ? subject || null : null, body, variables: values }), 300);
  const written = body.trim() !== '';
  const query = api.useQuery('post', '/api/templates/preview', { body: JSON.parse(asked) as PreviewText }, { ...KEEP, enabled: written, retry: false });
  return (
    <Section title="Preview">
      <Stack>
        {names.map((name) => (
          <TextInput key={name} label={name} value={given[name] ?? ''} onChange={(event) => setGiven({ ...given, [name]: event.currentTarget.value })} />
        ))}
        {!written ? (
          <Text size="sm" c="dimmed">
            Your text shows here.
          </Text>
        ) : query.error && isProblem(query.error) && query.error.status === 422 ? (
          <Alert color="orange">{sentence(query.error)}</Alert>
        ) : (
          <Shown query={query} lines={3}>
            {(preview) => (
              <Stack gap="xs" data-testid="preview">
                {preview.renderedHtml != null ? (
                  <MailFrame subject={preview.renderedSubject} html={preview.renderedHtml} />
                ) : (
                  <div className="bubble">{preview.renderedMessage}</div>
                )}
                <Text size="sm" c="dimmed">
                  {[
                    preview.segments > 0 && counted(preview.segments, 'segment'),
                    preview.missingVariables.length > 0 && `without a value: ${preview.missingVariables.join(', ')}`,
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </Text>
              </Stack>
            )}
          </Shown>
        )}
      </Stack>
    </Section>
  );
}
