// Accepting an invite. The token is behind `#`, so it reaches no server before the form is sent.
import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/client';
import { isProblem, onFields, sentence } from '../api/problem';
import { begin } from '../api/session';
import { Welcome } from '../components/Welcome';

export default function AcceptInvite() {
  const navigate = useNavigate();
  const { hash } = useLocation();
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token') ?? '';
  const [refused, setRefused] = useState<string>();
  const form = useForm({ mode: 'uncontrolled', initialValues: { name: '', password: '' } });
  const accept = api.useMutation('post', '/api/auth/accept-invite', { meta: { shown: true } });

  const submit = form.onSubmit((values) => {
    setRefused(undefined);
    accept.mutate(
      { body: { token, ...values } },
      {
        onSuccess: (answer) => {
          begin(answer);
          void navigate({ to: '/', replace: true });
        },
        onError: (error) => {
          if (isProblem(error) && error.status === 422) onFields(form, ['name', 'password'])(error);
          else setRefused(sentence(error));
        },
      },
    );
  });

  return (
    <Welcome title="Accept your invite" about="Say what you want to be called, and choose a password.">
      <form onSubmit={submit}>
        <Stack>
          {(refused || !token) && (
            <Alert color="red" role="alert">
              {refused ?? 'This link is not whole. Copy it again from where you were given it.'}
            </Alert>
          )}
          <TextInput label="Your name" autoComplete="name" required autoFocus key={form.key('name')} {...form.getInputProps('name')} />
          <PasswordInput label="Password" description="At least eight characters" autoComplete="new-password" required minLength={8} key={form.key('password')} {...form.getInputProps('password')} />
          <Button type="submit" loading={accept.isPending} disabled={!token} size="md">
            Accept
          </Button>
        </Stack>
      </form>
    </Welcome>
  );
}
