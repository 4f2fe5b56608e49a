// Oneself: the name, and the password.
import { PasswordInput, SimpleGrid, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api, SHOWN } from '../../api/client';
import { onFields, showDone } from '../../api/problem';
import { update } from '../../api/session';
import { useSession } from '../../app/useSession';
import { FormCard, NewPassword } from '../../components/forms';

export function Profile() {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Name />
      <Password />
    </SimpleGrid>
  );
}

function Name() {
  const { user } = useSession();
  const form = useForm({ mode: 'uncontrolled', initialValues: { name: user.name } });
  const save = api.useMutation('patch', '/api/auth/me', SHOWN);
  const onSuccess = (me: Parameters<typeof update>[0]) => {
    update(me);
    showDone('Your name is saved.');
  };
  return (
    <FormCard title="You" onSubmit={form.onSubmit((body) => save.mutate({ body }, { onSuccess, onError: onFields(form) }))} pending={save.isPending}>
      <TextInput label="Name" autoComplete="name" required key={form.key('name')} {...form.getInputProps('name')} />
      <TextInput label="E-mail address" value={user.email} readOnly description="You sign in with it" />
    </FormCard>
  );
}

function Password() {
  const { user } = useSession();
  const form = useForm({ mode: 'uncontrolled', initialValues: { oldPassword: '', newPassword: '' } });
  const change = api.useMutation('post', '/api/auth/change-password', SHOWN);
  const onSuccess = () => {
    form.reset();
    showDone('The password is changed. Your other sessions have ended.');
  };
  return (
    <FormCard title="Password" onSubmit={form.onSubmit((body) => change.mutate({ body }, { onSuccess, onError: onFields(form) }))} pending={change.isPending} label="Change it">
      <input type="hidden" autoComplete="username" value={user.email} readOnly />
      <PasswordInput label="The password now" autoComplete="current-password" required key={form.key('oldPassword')} {...form.getInputProps('oldPassword')} />
      <NewPassword label="The new password" key={form.key('newPassword')} {...form.getInputProps('newPassword')} />
    </FormCard>
  );
}
