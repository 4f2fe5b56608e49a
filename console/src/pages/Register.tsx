// Registering an organization and its owner.
import { Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api, SHOWN } from '../api/client';
import { isProblem } from '../api/problem';
import { NewPassword } from '../components/forms';
import { AnchorLink } from '../components/links';
import { useEntry, Welcome } from '../components/Welcome';
import { browserCountry, browserZone, countries, timeZones } from '../lib/places';

export default function Register() {
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
  const entry = useEntry(form, { email_taken: 'email', registration_closed: 'setupToken' });
  const register = api.useMutation('post', '/api/auth/register', SHOWN);
  const closed = isProblem(register.error) && register.error.code === 'registration_closed';
  const submit = form.onSubmit((values) => register.mutate({ body: { ...values, setupToken: values.setupToken || null } }, entry.to()));

  return (
    <Welcome
      title="Register"
      about="Your organization, and you as its owner."
      refused={entry.refused}
      onSubmit={submit}
      pending={register.isPending}
      label="Register"
      after={
        <>
          Have an account?{' '}
          <AnchorLink to="/sign-in" underline="always">
            Sign in
          </AnchorLink>
        </>
      }
    >
      <TextInput label="Organization" autoComplete="organization" required autoFocus key={form.key('organizationName')} {...form.getInputProps('organizationName')} />
      <TextInput label="Your name" autoComplete="name" required key={form.key('name')} {...form.getInputProps('name')} />
      <TextInput label="E-mail address" type="email" autoComplete="username" required key={form.key('email')} {...form.getInputProps('email')} />
      <NewPassword key={form.key('password')} {...form.getInputProps('password')} />
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
      {(closed || form.getValues().setupToken) && (
        <TextInput label="Setup token" description="The deployment printed it" required autoFocus key={form.key('setupToken')} {...form.getInputProps('setupToken')} />
      )}
    </Welcome>
  );
}
