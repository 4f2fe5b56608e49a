// Making or changing a group.
import { Button, Group as Row, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api, changed } from '../api/client';
import { isProblem, onFields, showDone } from '../api/problem';
import type { Group } from '../api/schema';
import { Dialog } from './Dialog';

export function GroupForm({ group, onClose, onMade }: { group?: Group; onClose: () => void; onMade?: (group: Group) => void }) {
  const form = useForm({ mode: 'uncontrolled', initialValues: { name: group?.name ?? '', description: group?.description ?? '' } });
  const shown = { meta: { shown: true } };
  const create = api.useMutation('post', '/api/groups', shown);
  const save = api.useMutation('put', '/api/groups/{id}', shown);

  const submit = form.onSubmit(({ name, description }) => {
    const body = { name, description: description || null };
    const onSuccess = (made: Group) => {
      showDone(group ? 'The group is changed.' : 'The group is made.');
      void changed('groups', 'dashboard');
      onClose();
      onMade?.(made);
    };
    const onError = (error: unknown) => {
      if (isProblem(error) && error.code === 'group_name_taken') form.setFieldError('name', error.detail);
      else onFields(form, ['name', 'description'])(error);
    };
    if (group) save.mutate({ params: { path: { id: group.id } }, body }, { onSuccess, onError });
    else create.mutate({ body }, { onSuccess, onError });
  });

  return (
    <Dialog onClose={onClose} title={group ? 'Change the group' : 'New group'}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Name" required data-autofocus key={form.key('name')} {...form.getInputProps('name')} />
          <Textarea label="Description" autosize minRows={2} key={form.key('description')} {...form.getInputProps('description')} />
          <Row justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending || save.isPending}>
              Save
            </Button>
          </Row>
        </Stack>
      </form>
    </Dialog>
  );
}
