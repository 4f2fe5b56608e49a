// Making or changing a contact.
import { ActionIcon, Button, Group, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { api, changed } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { Contact } from '../api/schema';
import { timeZones } from '../lib/places';
import { Dialog } from './Dialog';

export function ContactForm({ contact, groupId, onClose }: { contact?: Contact; groupId?: string; onClose: () => void }) {
  const form = useForm({
    initialValues: {
      name: contact?.name ?? '',
      phone: contact?.phone ?? '',
      email: contact?.email ?? '',
      tags: contact?.tags ?? [],
      timezone: contact?.timezone ?? null,
      attributes: Object.entries(contact?.attributes ?? {}).map(([key, value]) => ({ key, value: String(value) })),
    },
  });
  const shown = { meta: { shown: true } };
  const create = api.useMutation('post', '/api/contacts', shown);
  const save = api.useMutation('put', '/api/contacts/{id}', shown);
  const join = api.useMutation('post', '/api/groups/{id}/contacts');

  const submit = form.onSubmit((values) => {
    const body = {
      name: values.name || null,
      phone: values.phone || null,
      email: values.email || null,
      tags: values.tags,
      timezone: values.timezone,
      attributes: Object.fromEntries(values.attributes.filter(({ key }) => key.trim()).map(({ key, value }) => [key.trim(), value])),
    };
    const onError = onFields(form, ['name', 'phone', 'email', 'tags', 'timezone'], { '': 'phone' });
    const onSuccess = async ({ id }: Contact) => {
      if (groupId) await join.mutateAsync({ params: { path: { id: groupId } }, body: { contactIds: [id] } });
      showDone(contact ? 'The contact is changed.' : 'The contact is made.');
      void changed('contacts', 'groups', 'dashboard');
      onClose();
    };
    if (contact) save.mutate({ params: { path: { id: contact.id } }, body }, { onSuccess, onError });
    else create.mutate({ body }, { onSuccess, onError });
  });

  return (
    <Dialog onClose={onClose} title={contact ? 'Change the contact' : 'New contact'}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Name" data-autofocus {...form.getInputProps('name')} />
          <TextInput label="Phone" type="tel" description="International, or as it is dialled in your country" {...form.getInputProps('phone')} />
          <TextInput label="E-mail address" type="email" {...form.getInputProps('email')} />
          <TagsInput label="Tags" placeholder="Type and press Enter" {...form.getInputProps('tags')} />
          <Select label="Time zone" data={timeZones()} searchable clearable {...form.getInputProps('timezone')} />
          <Stack gap="xs">
            <Text size="sm" fw={500}>
              Attributes
            </Text>
            {form.values.attributes.map((_, index) => (
              <Group key={index} gap="xs" wrap="nowrap">
                <TextInput aria-label={`Attribute ${index + 1}`} placeholder="Class" flex={1} {...form.getInputProps(`attributes.${index}.key`)} />
                <TextInput aria-label={`Value of attribute ${index + 1}`} placeholder="4B" flex={1} {...form.getInputProps(`attributes.${index}.value`)} />
                <ActionIcon aria-label={`Remove attribute ${index + 1}`} onClick={() => form.removeListItem('attributes', index)}>
                  <IconTrash size={16} aria-hidden />
                </ActionIcon>
              </Group>
            ))}
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconPlus size={14} aria-hidden />}
              style={{ alignSelf: 'flex-start' }}
              onClick={() => form.insertListItem('attributes', { key: '', value: '' })}
            >
              Add an attribute
            </Button>
          </Stack>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending || save.isPending || join.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
