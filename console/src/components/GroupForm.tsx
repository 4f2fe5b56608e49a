// Making or changing a group.
import { Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api, changed, SHOWN } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { Group } from '../api/schema';
import { Dialog } from './Dialog';
import { DialogForm } from './forms';

export function GroupForm({ group, onClose, onMade }: { group?: Group; onClose: () => void; onMade?: (group: Group) => void }) {
  const form = useForm({ mode: 'uncontrolled', initialValues: { name: group?.name ?? '', description: group?.description ?? '' } });
  const create = api.useMutation('post', '/api/groups', SHOWN);
  const save = api.useMutation('put', '/api/groups/{id}', SHOWN);

  const submit = form.onSubmit(({ name, description }) => {
    const body = { name, description: description || null };
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
        <TextInput label="Name" required data-autofocus key={form.key('name')} {...form.getInputProps('name')} />
        <Textarea label="Description" autosize minRows={2} key={form.key('description')} {...form.getInputProps('description')} />
      </DialogForm>
    </Dialog>
  );
}
