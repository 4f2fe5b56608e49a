// Handing in a WhatsApp template for approval, or recording one that is approved.
import { ActionIcon, Button, Group, Select, SimpleGrid, Stack, Switch, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { api, changed, SHOWN } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { ButtonKind, TemplateCategory } from '../api/schema';
import { options } from '../lib/format';
import { NO_PARAMETERS, blanks, parametersOf } from '../lib/whatsapp';
import { BlankInputs } from './BlankInputs';
import { Dialog } from './Dialog';
import { DialogForm } from './forms';

const CATEGORIES = options(['UTILITY', 'MARKETING'] satisfies TemplateCategory[]);
const BUTTONS: { value: ButtonKind; label: string }[] = [
  { value: 'URL', label: 'Opens an address' },
  { value: 'QUICK_REPLY', label: 'Answers' },
  { value: 'PHONE_NUMBER', label: 'Calls' },
  { value: 'COPY_CODE', label: 'Copies a code' },
];

/** What problems name otherwise than the form. */
const NAMES = { 'components.header.text': 'header', 'components.body': 'body', 'components.footer': 'footer', components: 'buttons', examples: 'body' };

export function WhatsAppTemplateForm({ providers, onClose }: { providers: { value: string; label: string }[]; onClose: () => void }) {
  const form = useForm({
    initialValues: {
      providerId: providers.length === 1 ? providers[0]!.value : null,
      name: '',
      language: 'en',
      category: 'UTILITY' as TemplateCategory,
      header: '',
      body: '',
      footer: '',
      buttons: [] as { type: ButtonKind; text: string; to: string }[],
      examples: { header: [] as string[], body: [] as string[], buttons: [] as string[] },
      submit: true,
      externalId: '',
    },
  });
  const { values } = form;
  const create = api.useMutation('post', '/api/whatsapp-templates', SHOWN);
  const components = {
    header: values.header ? { type: 'TEXT' as const, text: values.header, url: null } : null,
    body: values.body,
    footer: values.footer || null,
    buttons: values.buttons.map(({ type, text, to }) => ({ type, text, url: type === 'URL' ? to : null, phoneNumber: type === 'PHONE_NUMBER' ? to : null })),
  };
  const all = blanks(components);
  const examples = parametersOf(all, values.examples);
  const submit = form.onSubmit(({ providerId, name, language, category, submit, externalId }) =>
    create.mutate(
      { body: { providerId: providerId ?? '', name, language, category, components, examples: submit ? examples : NO_PARAMETERS, submit, externalId: submit ? null : externalId || null } },
      {
        onSuccess: ({ status }) => {
          showDone(status === 'PENDING' ? 'It is handed in. Sync later to see whether it is approved.' : 'The template is there.');
          void changed('whatsapp-templates');
          onClose();
        },
        onError: onFields(form, NAMES),
      },
    ),
  );
  return (
    <Dialog onClose={onClose} title="New WhatsApp template" size="lg">
      <DialogForm onSubmit={submit} onClose={onClose} pending={create.isPending} label={values.submit ? 'Hand it in' : 'Save'}>
        <Select label="Provider" data={providers} required allowDeselect={false} data-autofocus {...form.getInputProps('providerId')} />
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <TextInput label="Name" placeholder="order_ready" required {...form.getInputProps('name')} />
          <TextInput label="Language" placeholder="en_US" required {...form.getInputProps('language')} />
          <Select label="Category" data={CATEGORIES} allowDeselect={false} {...form.getInputProps('category')} />
        </SimpleGrid>
        <TextInput label="Heading" placeholder="Order {{1}}" {...form.getInputProps('header')} />
        <Textarea label="Text" description="Placeholders are numbers: {{1}}, {{2}}" placeholder="Hello {{1}}, {{2}} is ready." required autosize minRows={3} {...form.getInputProps('body')} />
        <TextInput label="Footer" {...form.getInputProps('footer')} />
        <Stack gap="xs" role="group" aria-label="Buttons">
          {values.buttons.map(({ type }, index) => (
            <Group key={index} gap="xs" wrap="nowrap" align="flex-start">
              <Select aria-label={`What button ${index + 1} does`} data={BUTTONS} allowDeselect={false} w={150} {...form.getInputProps(`buttons.${index}.type`)} />
              <TextInput aria-label={`Text of button ${index + 1}`} placeholder="See it" required flex={1} miw={0} {...form.getInputProps(`buttons.${index}.text`)} />
              {(type === 'URL' || type === 'PHONE_NUMBER') && (
                <TextInput
                  aria-label={`${type === 'URL' ? 'Address' : 'Number'} of button ${index + 1}`}
                  placeholder={type === 'URL' ? 'https://acme.example/o/{{1}}' : '+254700000001'}
                  required
                  flex={2}
                  miw={0}
                  {...form.getInputProps(`buttons.${index}.to`)}
                />
              )}
              <ActionIcon mt={4} aria-label={`Remove button ${index + 1}`} onClick={() => form.removeListItem('buttons', index)}>
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            </Group>
          ))}
          <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />} style={{ alignSelf: 'flex-start' }} onClick={() => form.insertListItem('buttons', { type: 'URL', text: '', to: '' })}>
            Add a button
          </Button>
        </Stack>
        <Switch label="Hand it in for approval" description="Off: it is approved at the provider, and only recorded here" {...form.getInputProps('submit', { type: 'checkbox' })} />
        {values.submit ? (
          <BlankInputs legend="Examples, which WhatsApp’s reviewers see" blanks={all} values={examples} onChange={(given) => form.setFieldValue('examples', given)} />
        ) : (
          <TextInput label="Id at the provider" description="Such as HX… at Twilio, or the id of the template at Gupshup" {...form.getInputProps('externalId')} />
        )}
      </DialogForm>
    </Dialog>
  );
}
