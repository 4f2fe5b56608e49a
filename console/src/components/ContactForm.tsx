// Making or changing a contact.
import { Select, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api, changed, SHOWN } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { Contact } from '../api/schema';
import { timeZones } from '../lib/places';
import { Dialog } from './Dialog';
import { DialogForm } from './forms';
import { Pairs } from './Pairs';

interface Props {
  contact?: Contact;
  /** The number or e-mail address that a new one begins with. */
  address?: string;
  groupId?: string;
  onClose: () => void;
}

export function ContactForm({ contact, address = '', groupId, onClose }: Props) {
  const form = useForm({
    initialValues: {
      name: contact?.name ?? '',
      phone: contact?.phone ?? (address.includes('@') ? '' : address),
      email: contact?.email ?? (address.includes('@') ? address : ''),
      tags: contact?.tags ?? [],
      timezone: contact?.timezone ?? null,
      attributes: Object.entries(contact?.attributes ?? {}).map(([key, value]) => ({ key, value: String(value) })),
    },
  });
  const create = api.useMutation('post', '/api/contacts', SHOWN);
  const save = api.useMutation('put', '/api/contacts/{id}', SHOWN);
  const join = api.useMutation('post', '/api/groups/{id}/contacts');

  /** A number stays one if nobody changed it. */
  const typed = (key: string, value: string) => {
    const before = contact?.attributes[key];
    return before !== undefined && String(before) === value ? before : value;
  };
  const submit = form.onSubmit((values) => {
    const body = {
      name: values.name || null,
      phone: values.phone || null,
      email: values.email || null,
      tags: values.tags,
      timezone: values.timezone,
      attributes: Object.fromEntries(values.attributes.filter(({ key }) => key.trim()).map(({ key, value }) => [key.trim(), typed(key.trim(), value)])),
    };
    const attributes = values.attributes.map(({ key }, index) => [`attributes.${key.trim()}`, `attributes.${index}.value`] as const);
    const onError = onFields(form, { '': 'phone', tags: 'tags', ...Object.fromEntries(attributes) });
    const onSuccess = async ({ id }: Contact) => {
      if (groupId) await join.mutateAsync({ params: { path: { id: groupId } }, body: { contactIds: [id] } });
      showDone(contact ? 'The contact is changed.' : 'The contact is made.');
      void changed('contacts', 'groups', 'dashboard', 'conversations');
      onClose();
    };
    if (contact) save.mutate({ params: { path: { id: contact.id } }, body }, { onSuccess, onError });
    else create.mutate({ body }, { onSuccess, onError });
  });

  return (
    <Dialog onClose={onClose} title={contact ? 'Change the contact' : 'New contact'}>
      <DialogForm onSubmit={submit} onClose={onClose} pending={create.isPending || save.isPending || join.isPending}>
        <TextInput label="Name" data-autofocus {...form.getInputProps('name')} />
        <TextInput label="Phone" type="tel" description="International, or as it is dialled in your country" {...form.getInputProps('phone')} />
        <TextInput label="E-mail address" type="email" {...form.getInputProps('email')} />
        <TagsInput label="Tags" placeholder="Type and press Enter" {...form.getInputProps('tags')} />
        <Select label="Time zone" data={timeZones()} searchable clearable {...form.getInputProps('timezone')} />
        <Pairs form={form} name="attributes" values={form.values.attributes} label="Attributes" one="attribute" example={{ key: 'Class', value: '4B' }} />
      </DialogForm>
    </Dialog>
  );
}
