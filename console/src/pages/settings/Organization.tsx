// The organization's name, its country and its clocks; and what happens when people write to it.
import { Select, SimpleGrid, Switch, TagsInput, Textarea, TextInput, type TextareaProps } from '@mantine/core';
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
    initialValues: { name: organization.name, defaultCountry: organization.defaultCountry, timezone: organization.timezone, smart: organization.smart },
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
      <Switch
        label="Replace look-alike characters in SMS"
        description="Curly quotes, dashes and accents that would more than halve what fits into a segment; each message may say otherwise"
        disabled={!admin}
        {...form.getInputProps('smart', { type: 'checkbox' })}
      />
    </FormCard>
  );
}

const SCOPES: { value: StopScope; label: string }[] = [
  { value: 'CHANNEL', label: 'The channel that they wrote on' },
  { value: 'ALL', label: 'All channels' },
];

function Answer(props: TextareaProps) {
  return <Textarea autosize minRows={2} {...props} />;
}

function Inbound() {
  const { organization } = useSession();
  const admin = useMay('ADMIN');
  const { helpReply, stopReply, startReply, confirmReply, ...words } = organization.inbound;
  const form = useForm({
    initialValues: { ...words, helpReply: helpReply ?? '', stopReply: stopReply ?? '', startReply: startReply ?? '', confirmReply: confirmReply ?? '' },
  });
  const { save, pending } = useSave();
  const names = Object.fromEntries(Object.keys(form.getInitialValues()).map((name) => [`inbound.${name}`, name]));
  const onError = (error: unknown) => onFields(form, names)(error);
  const submit = form.onSubmit(({ helpReply, stopReply, startReply, confirmReply, ...words }) =>
    save(
      { inbound: { ...words, helpReply: helpReply || null, stopReply: stopReply || null, startReply: startReply || null, confirmReply: confirmReply || null } },
      onError,
    ),
  );
  return (
    <FormCard title="When people write to you" onSubmit={submit} pending={pending} locked={!admin}>
      <TagsInput label="Words that opt out" description="In your languages; STOP, UNSUBSCRIBE, CANCEL and the like always do" placeholder="ACHA" readOnly={!admin} {...form.getInputProps('stopWords')} />
      <Answer label="What is answered to that" description="Left empty, nothing; networks often answer by themselves" readOnly={!admin} {...form.getInputProps('stopReply')} />
      <TagsInput label="Words that opt in again" description="Beside START and UNSTOP" placeholder="ANZA" readOnly={!admin} {...form.getInputProps('startWords')} />
      <Answer label="What is answered to those" readOnly={!admin} {...form.getInputProps('startReply')} />
      <Select label="Opting out holds for" data={SCOPES} allowDeselect={false} readOnly={!admin} {...form.getInputProps('stopScope')} />
      <TagsInput label="Words that ask for help" description="Beside HELP" placeholder="MSAADA" readOnly={!admin} {...form.getInputProps('helpWords')} />
      <Answer label="What is answered to them" description="Who you are, and how to stop; left empty, nothing is answered" readOnly={!admin} {...form.getInputProps('helpReply')} />
      <TagsInput label="Words that confirm" description="Beside YES, for groups with a double opt-in" placeholder="NDIYO" readOnly={!admin} {...form.getInputProps('yesWords')} />
      <Answer label="What is answered to who confirms" readOnly={!admin} {...form.getInputProps('confirmReply')} />
    </FormCard>
  );
}
