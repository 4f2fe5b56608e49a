// Signing in.
import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/client';
import { isProblem, onFields, sentence } from '../api/problem';
import { begin } from '../api/session';
import { Welcome } from '../components/Welcome';
import { AnchorLink } from '../components/links';

export default function SignIn() {
  const navigate = useNavigate();
  const { next } = useSearch({ from: '/outside/sign-in' });
  const [refused, setRefused] = useState<string>();
  const form = useForm({ mode: 'uncontrolled', initialValues: { email: '', password: '' } });
  const signIn = api.useMutation('post', '/api/auth/login', { meta: { shown: true } });

  const submit = form.onSubmit((body) => {
    setRefused(undefined);
    signIn.mutate(
      { body },
      {
        onSuccess: (answer) => {
          begin(answer);
          // Only a path of the console, never another site.
          void navigate({ to: next?.startsWith('/') && !next.startsWith('//') ? next : '/', replace: true });
        },
        onError: (error) => {
          if (isProblem(error) && error.status === 422) onFields(form, ['email', 'password'])(error);
          else setRefused(sentence(error));
        },
      },
    );
  });

  return (
    <Welcome title="Sign in" about="Welcome back.">
      <form onSubmit={submit}>
        <Stack>
          {refused && (
            <Alert color="red" role="alert">
              {refused}
            </Alert>
          )}
          <TextInput label="E-mail address" type="email" autoComplete="username" required autoFocus key={form.key('email')} {...form.getInputProps('email')} />
          <PasswordInput label="Password" autoComplete="current-password" required key={form.key('password')} {...form.getInputProps('password')} />
          <Button type="submit" loading={signIn.isPending} size="md">
            Sign in
          </Button>
          <Text size="sm" c="dimmed">
            New here?{' '}
            <AnchorLink to="/register" underline="always">
              Register your organization
            </AnchorLink>
          </Text>
        </Stack>
      </form>
    </Welcome>
  );
}
