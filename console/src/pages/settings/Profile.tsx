// Oneself: the name, and the password.
import { Button, Card, PasswordInput, SimpleGrid, Stack, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api } from '../../api/client';
import { onFields, showDone } from '../../api/problem';
import { update } from '../../api/session';
import { useSession } from '../../app/useSession';

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
  const save = api.useMutation('patch', '/api/auth/me', { meta: { shown: true } });
  const submit = form.onSubmit((body) =>
    save.mutate(
      { body },
      {
        onSuccess: (me) => {
          update(me);
          showDone('Your name is saved.');
        },
        onError: onFields(form, ['name']),
      },
    ),
  );
  return (
    <Card>
      <Title order={2} mb="md">
        You
      </Title>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Name" autoComplete="name" required key={form.key('name')} {...form.getInputProps('name')} />
          <TextInput label="E-mail address" value={user.email} readOnly description="You sign in with it" />
          <Button type="submit" loading={save.isPending} style={{ alignSelf: 'flex-start' }}>
            Save
          </Button>
        </Stack>
      </form>
    </Card>
  );
}

function Password() {
  const { user } = useSession();
  const form = useForm({ mode: 'uncontrolled', initialValues: { oldPassword: '', newPassword: '' } });
  const change = api.useMutation('post', '/api/auth/change-password', { meta: { shown: true } });
  const submit = form.onSubmit((body) =>
    change.mutate(
      { body },
      {
        onSuccess: () => {
          form.reset();
          showDone('The password is changed. Your other sessions have ended.');
        },
        onError: onFields(form, ['oldPassword', 'newPassword']),
      },
    ),
  );
  return (
    <Card>
      <Title order={2} mb="md">
        Password
      </Title>
      <form onSubmit={submit}>
        <Stack>
          <input type="hidden" autoComplete="username" value={user.email} readOnly />
          <PasswordInput label="The password now" autoComplete="current-password" required key={form.key('oldPassword')} {...form.getInputProps('oldPassword')} />
          <PasswordInput
            label="The new password"
            description="At least eight characters"
            autoComplete="new-password"
            required
            minLength={8}
            key={form.key('newPassword')}
            {...form.getInputProps('newPassword')}
          />
          <Button type="submit" loading={change.isPending} style={{ alignSelf: 'flex-start' }}>
            Change it
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
