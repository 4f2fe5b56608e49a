// The business profile that people see of a WhatsApp number.
import { TagsInput, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api, queries, SHOWN } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { BusinessProfile } from '../api/schema';
import { useMay } from '../app/useSession';
import { FormCard } from './forms';
import { Section } from './Section';
import { Shown } from './states';

export function ProviderProfile({ id }: { id: string }) {
  const query = api.useQuery('get', '/api/providers/{id}/profile', { params: { path: { id } } }, { retry: false, staleTime: 60_000 });
  if (query.data) return <Form key={JSON.stringify(query.data)} id={id} profile={query.data} />;
  return (
    <Section title="Business profile">
      <Shown query={query} lines={4}>
        {() => null}
      </Shown>
    </Section>
  );
}

function Form({ id, profile }: { id: string; profile: BusinessProfile }) {
  const admin = useMay('ADMIN');
  const form = useForm({
    initialValues: {
      about: profile.about ?? '',
      description: profile.description ?? '',
      address: profile.address ?? '',
      email: profile.email ?? '',
      websites: profile.websites,
      pictureUrl: '',
    },
  });
  const save = api.useMutation('put', '/api/providers/{id}/profile', SHOWN);
  const path = { params: { path: { id } } };
  const submit = form.onSubmit(({ pictureUrl, ...rest }) =>
    save.mutate(
      { ...path, body: { ...rest, ...(pictureUrl ? { pictureUrl } : {}) } },
      {
        onSuccess: (answer) => {
          showDone('The profile is changed.');
          queries.setQueryData(api.queryOptions('get', '/api/providers/{id}/profile', path).queryKey, answer);
        },
        onError: onFields(form, { websites: 'websites' }),
      },
    ),
  );
  const field = (name: 'about' | 'address' | 'email' | 'pictureUrl') => ({ readOnly: !admin, ...form.getInputProps(name) });
  return (
    <FormCard title={`Business profile${profile.displayName ? ` of ${profile.displayName}` : ''}`} onSubmit={submit} pending={save.isPending} locked={!admin}>
      <TextInput label="About" description="One line" {...field('about')} />
      <Textarea label="Description" autosize minRows={2} readOnly={!admin} {...form.getInputProps('description')} />
      <TextInput label="Address" {...field('address')} />
      <TextInput label="E-mail address" type="email" {...field('email')} />
      <TagsInput label="Websites" maxTags={2} readOnly={!admin} {...form.getInputProps('websites')} />
      <TextInput label="Another picture" description="Its public address; left empty, it stays" placeholder="https://" {...field('pictureUrl')} />
    </FormCard>
  );
}
