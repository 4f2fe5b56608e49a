// Accepting an invite. The token is behind `#`, so it reaches no server before the form is sent.
import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useLocation } from '@tanstack/react-router';
import { api, SHOWN } from '../api/client';
import { NewPassword } from '../components/forms';
import { useEntry, Welcome } from '../components/Welcome';

export default function AcceptInvite() {
  const { hash } = useLocation();
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token') ?? '';
  const form = useForm({ mode: 'uncontrolled', initialValues: { name: '', password: '' } });
  const entry = useEntry(form);
  const accept = api.useMutation('post', '/api/auth/accept-invite', SHOWN);

  return (
    <Welcome
      title="Accept your invite"
      about="Say what you want to be called, and choose a password."
      refused={token ? entry.refused : 'This link is not whole. Copy it again from where you were given it.'}
      onSubmit={form.onSubmit((values) => accept.mutate({ body: { token, ...values } }, entry.to()))}
      pending={accept.isPending}
      label="Accept"
      disabled={!token}
    >
      <TextInput label="Your name" autoComplete="name" required autoFocus key={form.key('name')} {...form.getInputProps('name')} />
      <NewPassword key={form.key('password')} {...form.getInputProps('password')} />
    </Welcome>
  );
}
