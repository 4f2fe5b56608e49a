// One template: its text, its variables, and how it reads with values.
import { Alert, Button, Card, Grid, Group, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { IconCopy, IconLock, IconSend, IconTrash } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, changed } from '../api/client';
import { isProblem, onFields, showDone } from '../api/problem';
import type { Template as TemplateView } from '../api/schema';
import { useMay } from '../app/useSession';
import { confirm } from '../components/confirm';
import { Page } from '../components/Page';
import { Shown } from '../components/states';
import { VariableTextarea } from '../components/VariableTextarea';
import { number, words } from '../lib/format';
import { CONTACT_FIELDS, variables } from '../lib/variables';
import { ButtonLink } from '../components/links';

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
      channel: (template?.channel ?? 'SMS'),
      event: template?.event ?? '',
      subject: template?.subject ?? '',
      body: template?.body ?? '',
    },
  });
  const { values } = form;
  const shown = { meta: { shown: true } };
  const create = api.useMutation('post', '/api/templates', shown);
  const save = api.useMutation('put', '/api/templates/{id}', shown);
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
    const onError = (error: unknown) => {
      if (isProblem(error) && error.status === 409 && error.code.includes('name')) form.setFieldError('name', error.detail);
      else onFields(form, ['name', 'channel', 'event', 'subject', 'body'])(error);
    };
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
              <Button
                variant="subtle"
                color="red"
                leftSection={<IconTrash size={16} aria-hidden />}
                onClick={() => confirm(`Delete ${template.name}?`, 'Messages that used it keep their text.', 'Delete', () => remove.mutate({ params: { path: { id: template.id } } }))}
              >
                Delete
              </Button>
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
          <Card>
            <form onSubmit={submit}>
              <Stack>
                <TextInput label="Name" required readOnly={locked} {...form.getInputProps('name')} />
                <Group grow align="flex-start">
                  <Select
                    label="Channel"
                    data={['SMS', 'WHATSAPP', 'EMAIL']}
                    allowDeselect={false}
                    readOnly={locked}
                    {...form.getInputProps('channel')}
                  />
                  <TextInput label="Event" description="For programs that send by event" placeholder="ORDER_PAID" readOnly={locked} {...form.getInputProps('event')} />
                </Group>
                {values.channel === 'EMAIL' && <TextInput label="Subject" readOnly={locked} {...form.getInputProps('subject')} />}
                <VariableTextarea
                  label="Text"
                  required
                  readOnly={locked}
                  names={[...CONTACT_FIELDS, ...variables(values.body).map(({ name }) => name)].filter((name, index, all) => all.indexOf(name) === index)}
                  counter={values.channel === 'SMS'}
                  {...form.getInputProps('body')}
                />
                {!locked && (
                  <Button type="submit" loading={create.isPending || save.isPending} style={{ alignSelf: 'flex-end' }}>
                    Save
                  </Button>
                )}
              </Stack>
            </form>
          </Card>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          {template ? <Preview template={template} /> : <Text c="dimmed">Save it to see how it reads.</Text>}
        </Grid.Col>
      </Grid>
    </Page>
  );
}

function Preview({ template }: { template: TemplateView }) {
  const [given, setGiven] = useState<Record<string, string>>({});
  const [asked] = useDebouncedValue(given, 250);
  const query = api.useQuery(
    'post',
    '/api/templates/{id}/preview',
    { params: { path: { id: template.id } }, body: { variables: Object.fromEntries(Object.entries(asked).filter(([, value]) => value)) } },
    { placeholderData: (before) => before },
  );
  return (
    <Card>
      <Title order={2} mb="md">
        Preview
      </Title>
      <Stack>
        {template.variables.map((name) => (
          <TextInput key={name} label={name} value={given[name] ?? ''} onChange={(event) => setGiven({ ...given, [name]: event.currentTarget.value })} />
        ))}
        <Shown query={query} lines={3}>
          {(preview) => (
            <Stack gap="xs">
              {preview.renderedSubject && <Text fw={600}>{preview.renderedSubject}</Text>}
              <div className="bubble">{preview.renderedMessage}</div>
              <Text size="sm" c="dimmed">
                {number(preview.segments)} {preview.segments === 1 ? 'segment' : 'segments'}
                {preview.missingVariables.length > 0 && ` · without a value: ${preview.missingVariables.join(', ')}`}
                {template.event && ` · for ${words(template.event).toLowerCase()}`}
              </Text>
            </Stack>
          )}
        </Shown>
      </Stack>
    </Card>
  );
}
