// Signing in.
import { PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useSearch } from '@tanstack/react-router';
import { api, SHOWN } from '../api/client';
import { AnchorLink } from '../components/links';
import { useEntry, Welcome } from '../components/Welcome';

export default function SignIn() {
  const { next } = useSearch({ from: '/outside/sign-in' });
  const form = useForm({ mode: 'uncontrolled', initialValues: { email: '', password: '' } });
  const entry = useEntry(form);
  const signIn = api.useMutation('post', '/api/auth/login', SHOWN);
  // Only a path of the console, never another site.
  const own = next?.startsWith('/') && !/^\/[/\\]/.test(next) ? next : '/';

  return (
    <Welcome
      title="Sign in"
      about="Welcome back."
      refused={entry.refused}
      onSubmit={form.onSubmit((body) => signIn.mutate({ body }, entry.to(own)))}
      pending={signIn.isPending}
      label="Sign in"
      after={
        <>
          New here?{' '}
          <AnchorLink to="/register" underline="always">
            Register your organization
          </AnchorLink>
        </>
      }
    >
      <TextInput label="E-mail address" type="email" autoComplete="username" required autoFocus key={form.key('email')} {...form.getInputProps('email')} />
      <PasswordInput label="Password" autoComplete="current-password" required key={form.key('password')} {...form.getInputProps('password')} />
    </Welcome>
  );
}
