// Registering an organization and its owner.
import { Button, PasswordInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../api/client';
import { isProblem, onFields } from '../api/problem';
import { begin } from '../api/session';
import { Welcome } from '../components/Welcome';
import { browserCountry, browserZone, countries, timeZones } from '../lib/places';
import { AnchorLink } from '../components/links';

export default function Register() {
  const navigate = useNavigate();
  const [needsToken, setNeedsToken] = useState(false);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: {
      organizationName: '',
      name: '',
      email: '',
      password: '',
      defaultCountry: browserCountry(),
      timezone: browserZone(),
      setupToken: '',
    },
  });
  const register = api.useMutation('post', '/api/auth/register', { meta: { shown: true } });

  const submit = form.onSubmit((values) =>
    register.mutate(
      { body: { ...values, setupToken: values.setupToken || null } },
      {
        onSuccess: (answer) => {
          begin(answer);
          void navigate({ to: '/', replace: true });
        },
        onError: (error) => {
          if (isProblem(error) && error.code === 'email_taken') {
            form.setFieldError('email', error.detail);
            form.getInputNode('email')?.focus();
            return;
          }
          if (isProblem(error) && error.code === 'registration_closed') {
            setNeedsToken(true);
            form.setFieldError('setupToken', 'Registration needs the setup token that the deployment printed.');
            return;
          }
          onFields(form, Object.keys(form.getInitialValues()))(error);
        },
      },
    ),
  );

  return (
    <Welcome title="Register" about="Your organization, and you as its owner.">
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Organization" autoComplete="organization" required autoFocus key={form.key('organizationName')} {...form.getInputProps('organizationName')} />
          <TextInput label="Your name" autoComplete="name" required key={form.key('name')} {...form.getInputProps('name')} />
          <TextInput label="E-mail address" type="email" autoComplete="username" required key={form.key('email')} {...form.getInputProps('email')} />
          <PasswordInput
            label="Password"
            description="At least eight characters"
            autoComplete="new-password"
            required
            minLength={8}
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <Select
            label="Country"
            description="Of phone numbers that are written without their country code"
            data={countries()}
            searchable
            clearable
            key={form.key('defaultCountry')}
            {...form.getInputProps('defaultCountry')}
          />
          <Select label="Time zone" data={timeZones()} searchable required allowDeselect={false} key={form.key('timezone')} {...form.getInputProps('timezone')} />
          {needsToken && <TextInput label="Setup token" required autoFocus key={form.key('setupToken')} {...form.getInputProps('setupToken')} />}
          <Button type="submit" loading={register.isPending} size="md">
            Register
          </Button>
          <Text size="sm" c="dimmed">
            Have an account?{' '}
            <AnchorLink to="/sign-in" underline="always">
              Sign in
            </AnchorLink>
          </Text>
        </Stack>
      </form>
    </Welcome>
  );
}
