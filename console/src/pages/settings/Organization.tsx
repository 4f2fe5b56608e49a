// The organization's name, its country and its clocks; and what happens when people write to it.
import { Select, SimpleGrid, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api, changed, SHOWN } from '../../api/client';
import { onFields, showDone } from '../../api/problem';
import type { StopScope, UpdateOrganization } from '../../api/schema';
import { update } from '../../api/session';
import { useMay, useSession } from '../../app/useSession';
import { FormCard } from '../../components/forms';
import { countries, timeZones } from '../../lib/places';

export function Organization() {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <About />
      <Inbound />
    </SimpleGrid>
  );
}

function useSave() {
  const save = api.useMutation('patch', '/api/organization', SHOWN);
  return {
    pending: save.isPending,
    save: (body: UpdateOrganization, onError: (error: unknown) => void) =>
      save.mutate(
        { body },
        {
          onSuccess: (organization) => {
            update({ organization });
            void changed('dashboard');
            showDone('The organization is saved.');
          },
          onError,
        },
      ),
  };
}

function About() {
  const { organization } = useSession();
  const admin = useMay('ADMIN');
  const form = useForm({
    initialValues: { name: organization.name, defaultCountry: organization.defaultCountry, timezone: organization.timezone },
  });
  const { save, pending } = useSave();
  return (
    <FormCard title="Organization" onSubmit={form.onSubmit((body) => save(body, onFields(form)))} pending={pending} locked={!admin}>
      <TextInput label="Name" required readOnly={!admin} {...form.getInputProps('name')} />
      <Select
        label="Country"
        description="Numbers without a country code are read as numbers of this country"
        data={countries()}
        searchable
        clearable={admin}
        readOnly={!admin}
        {...form.getInputProps('defaultCountry')}
      />
      <Select label="Time zone" description="Where days begin, and on whose clocks times are shown" data={timeZones()} searchable allowDeselect={false} readOnly={!admin} {...form.getInputProps('timezone')} />
    </FormCard>
  );
}

const SCOPES: { value: StopScope; label: string }[] = [
  { value: 'CHANNEL', label: 'The channel that they wrote on' },
  { value: 'ALL', label: 'All channels' },
];

function Inbound() {
  const { organization } = useSession();
  const admin = useMay('ADMIN');
  const { helpReply, ...words } = organization.inbound;
  const form = useForm({ initialValues: { ...words, helpReply: helpReply ?? '' } });
  const { save, pending } = useSave();
  const names = Object.fromEntries(Object.keys(form.getInitialValues()).map((name) => [`inbound.${name}`, name]));
  const onError = (error: unknown) => onFields(form, names)(error);
  const submit = form.onSubmit((values) => save({ inbound: { ...values, helpReply: values.helpReply || null } }, onError));
  return (
    <FormCard title="When people write to you" onSubmit={submit} pending={pending} locked={!admin}>
      <TagsInput label="Words that opt out" description="In your languages; STOP, UNSUBSCRIBE, CANCEL and the like always do" placeholder="ACHA" readOnly={!admin} {...form.getInputProps('stopWords')} />
      <TagsInput label="Words that opt in again" description="Beside START and UNSTOP" placeholder="ANZA" readOnly={!admin} {...form.getInputProps('startWords')} />
      <Select label="Opting out holds for" data={SCOPES} allowDeselect={false} readOnly={!admin} {...form.getInputProps('stopScope')} />
      <TagsInput label="Words that ask for help" description="Beside HELP" placeholder="MSAADA" readOnly={!admin} {...form.getInputProps('helpWords')} />
      <Textarea
        label="What is answered to them"
        description="Who you are, and how to stop; left empty, nothing is answered"
        autosize
        minRows={2}
        readOnly={!admin}
        {...form.getInputProps('helpReply')}
      />
    </FormCard>
  );
}
