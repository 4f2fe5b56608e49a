// Whom alerts are mailed to, and the mails: without a mail server, this is where they can be read.
import { ActionIcon, Button, Group, MultiSelect, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconMail, IconPlus, IconTrash } from '@tabler/icons-react';
import type { ColumnDef } from '@tanstack/react-table';
import { api, KEEP, queries, SHOWN } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { AlertKind, AlertMail, AlertRecipients } from '../api/schema';
import { column, Dim, Named, whenColumn } from '../components/columns';
import { DataTable } from '../components/DataTable';
import { FormCard } from '../components/forms';
import { Page } from '../components/Page';
import { Part } from '../components/Section';
import { Empty, Shown } from '../components/states';
import { StateBadge } from '../components/StateBadge';
import { options } from '../lib/format';
import { usePaging } from '../lib/paging';

/** What the API knows, whole: a kind that is new there does not compile until it is here. */
const KINDS = options(
  Object.keys({
    PROVIDER_CREDENTIALS: 0,
    PROVIDER_BALANCE: 0,
    PROVIDER_BALANCE_LOW: 0,
    PROVIDER_DELIVERY_DROP: 0,
    MESSAGE_LATE: 0,
    MESSAGE_REVIEW: 0,
    MESSAGE_FAILED: 0,
    MESSAGE_STUCK: 0,
    WEBHOOK_ENDPOINT_DISABLED: 0,
    CONFIRMATIONS_NOT_SENT: 0,
  } satisfies Record<AlertKind, 0>),
);

const columns: ColumnDef<AlertMail>[] = [
  column('Mail', ({ subject, text }) => <Named note={text}>{subject}</Named>),
  column('To', ({ to }) => <Dim>{to}</Dim>, { wide: true }),
  column('State', ({ status, error }) => (
    <>
      <StateBadge state={status} />
      {error && <Dim size="xs">{error}</Dim>}
    </>
  )),
  whenColumn('When', ({ at }) => at),
];

export default function AlertMails() {
  const paging = usePaging('mails');
  const recipients = api.useQuery('get', '/api/alerts/recipients');
  const mails = api.useQuery('get', '/api/alerts/mails', { params: { query: { limit: 25, cursor: paging.cursor } } }, KEEP);
  const empty = (
    <Empty icon={IconMail} title="No mails yet">
      Each alert that is raised is mailed within a minute or two. Where this installation has no mail server, the mails are kept here.
    </Empty>
  );
  return (
    <Page title="Alerts by mail" about="Whom alerts are mailed to, and what was mailed." back={{ to: '/alerts', label: 'Alerts' }}>
      <Shown query={recipients} lines={3}>
        {(known) => <Recipients key={JSON.stringify(known)} known={known} />}
      </Shown>
      <Part title="Mails">
        <DataTable label="Mails" columns={columns} query={mails} paging={paging} id={({ alertId, to }) => `${alertId} ${to}`} empty={empty} />
      </Part>
    </Page>
  );
}

function Recipients({ known: { recipients, isDefault } }: { known: AlertRecipients }) {
  const form = useForm({ initialValues: { recipients } });
  const save = api.useMutation('put', '/api/alerts/recipients', SHOWN);
  const put = (body: { recipients: AlertRecipients['recipients'] | null }) =>
    save.mutate(
      { body },
      {
        onSuccess: (answer) => {
          showDone('Saved.');
          queries.setQueryData(api.queryOptions('get', '/api/alerts/recipients').queryKey, answer);
        },
        onError: onFields(form),
      },
    );
  return (
    <FormCard title="Recipients" onSubmit={form.onSubmit((values) => put(values))} pending={save.isPending}>
      {isDefault && (
        <Text size="sm" c="dimmed">
          Nobody has said yet, so the owners get every alert.
        </Text>
      )}
      {form.values.recipients.map((_, index) => (
        <Group key={index} gap="xs" align="flex-start" wrap="nowrap">
          <TextInput aria-label={`Address ${index + 1}`} type="email" placeholder="ops@acme.example" required flex={1} miw={0} {...form.getInputProps(`recipients.${index}.address`)} />
          <MultiSelect aria-label={`Alerts of address ${index + 1}`} placeholder="All alerts" data={KINDS} clearable flex={2} miw={0} {...form.getInputProps(`recipients.${index}.kinds`)} />
          <ActionIcon mt={4} aria-label={`Remove address ${index + 1}`} onClick={() => form.removeListItem('recipients', index)}>
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => form.insertListItem('recipients', { address: '', kinds: [] })}>
          Add an address
        </Button>
        {!isDefault && (
          <Button variant="subtle" color="gray" size="compact-sm" onClick={() => put({ recipients: null })}>
            The owners again
          </Button>
        )}
      </Group>
    </FormCard>
  );
}
