// The organization's name, its country and its clocks.
import { Button, Card, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api, changed } from '../../api/client';
import { onFields, showDone } from '../../api/problem';
import { update } from '../../api/session';
import { useMay, useSession } from '../../app/useSession';
import { countries, timeZones } from '../../lib/places';

export function Organization() {
  const { organization } = useSession();
  const admin = useMay('ADMIN');
  const form = useForm({
    initialValues: { name: organization.name, defaultCountry: organization.defaultCountry, timezone: organization.timezone },
  });
  const save = api.useMutation('patch', '/api/organization', { meta: { shown: true } });
  const submit = form.onSubmit((body) =>
    save.mutate(
      { body },
      {
        onSuccess: (changedTo) => {
          update({ organization: changedTo });
          void changed('dashboard');
          showDone('The organization is saved.');
        },
        onError: onFields(form, ['name', 'defaultCountry', 'timezone']),
      },
    ),
  );
  return (
    <Card maw={560}>
      <form onSubmit={submit}>
        <Stack>
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
          {admin && (
            <Button type="submit" loading={save.isPending} style={{ alignSelf: 'flex-start' }}>
              Save
            </Button>
          )}
        </Stack>
      </form>
    </Card>
  );
}
