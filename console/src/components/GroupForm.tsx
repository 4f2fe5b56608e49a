// Making or changing a group.
import { Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api, changed, SHOWN } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { Group } from '../api/schema';
import { Dialog } from './Dialog';
import { DialogForm } from './forms';
import { useTemplates } from './useTemplates';

export function GroupForm({ group, onClose, onMade }: { group?: Group; onClose: () => void; onMade?: (group: Group) => void }) {
  const form = useForm({
    initialValues: {
      name: group?.name ?? '',
      description: group?.description ?? '',
      doubleOptIn: group?.doubleOptIn ?? false,
      confirmationTemplateId: group?.confirmationTemplateId ?? null,
    },
  });
  const templates = useTemplates({ enabled: form.values.doubleOptIn });
  const create = api.useMutation('post', '/api/groups', SHOWN);
  const save = api.useMutation('put', '/api/groups/{id}', SHOWN);

  const submit = form.onSubmit(({ description, ...rest }) => {
    const body = { ...rest, description: description || null };
    const onSuccess = (made: Group) => {
      showDone(group ? 'The group is changed.' : 'The group is made.');
      void changed('groups', 'dashboard');
      onClose();
      onMade?.(made);
    };
    const onError = onFields(form, { group_name_taken: 'name' });
    if (group) save.mutate({ params: { path: { id: group.id } }, body }, { onSuccess, onError });
    else create.mutate({ body }, { onSuccess, onError });
  });

  return (
    <Dialog onClose={onClose} title={group ? 'Change the group' : 'New group'}>
      <DialogForm onSubmit={submit} onClose={onClose} pending={create.isPending || save.isPending}>
        <TextInput label="Name" required data-autofocus {...form.getInputProps('name')} />
        <Textarea label="Description" autosize minRows={2} {...form.getInputProps('description')} />
        <Switch
          label="Ask who joins to confirm"
          description="Until they answer YES, or follow the link of the e-mail, nothing that goes to the group goes to them"
          {...form.getInputProps('doubleOptIn', { type: 'checkbox' })}
        />
        {form.values.doubleOptIn && (
          <Select
            label="Template of the question"
            description="Its channel is where they are asked; an e-mail needs {{confirmUrl}}"
            data={templates.options}
            searchable
            required
            {...form.getInputProps('confirmationTemplateId')}
          />
        )}
      </DialogForm>
    </Dialog>
  );
}
