// The domains that e-mail is sent from, with the records that each needs in DNS.
import { Button, Group, Select, Table, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconRefresh, IconWorld } from '@tabler/icons-react';
import { useState } from 'react';
import { after, api, changed, SHOWN } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { Domain, DomainRecord } from '../api/schema';
import { useMay } from '../app/useSession';
import { Dim } from '../components/columns';
import { CopyIcon } from '../components/CopyField';
import { Dialog } from '../components/Dialog';
import { DialogForm } from '../components/forms';
import { ButtonLink } from '../components/links';
import { Page } from '../components/Page';
import { RemoveButton } from '../components/RemoveButton';
import { Section } from '../components/Section';
import { Empty, Listed } from '../components/states';
import { StateBadge } from '../components/StateBadge';
import { useProviders } from '../components/useProviders';
import { relative } from '../lib/format';

/** What each record is for, as people who set it up say it. */
const PURPOSES: Record<DomainRecord['purpose'], string> = {
  SPF: 'SPF: who may send for it',
  DKIM: 'DKIM: the key that signs each mail',
  DMARC: 'DMARC: what receivers do with forged mails',
  RETURN_PATH: 'Where bounces go',
  TRACKING: 'Where links and pictures lead',
};

export default function Domains() {
  const admin = useMay('ADMIN');
  const [adding, setAdding] = useState(false);
  const query = api.useQuery('get', '/api/domains');
  const { options, name } = useProviders({ channel: 'EMAIL' });
  const create = admin && options.length > 0 && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
      Add a domain
    </Button>
  );
  return (
    <Page title="Domains" about="What you send e-mail from. Its records in DNS decide whether mails arrive." actions={create}>
      <Listed
        query={query}
        empty={
          <Empty icon={IconWorld} title="No domains yet" action={create || (admin && <ButtonLink to="/providers">Add an e-mail provider</ButtonLink>)}>
            Add the domain of your sender, and copy its records to where you bought it.
          </Empty>
        }
      >
        {(domains) => domains.map((domain) => <DomainCard key={domain.id} domain={domain} provider={name(domain.providerId)} />)}
      </Listed>
      {adding && <AddDomain providers={options} onClose={() => setAdding(false)} />}
    </Page>
  );
}

function DomainCard({ domain, provider }: { domain: Domain; provider: string | undefined }) {
  const admin = useMay('ADMIN');
  const path = { params: { path: { id: domain.id } } };
  const check = api.useMutation('post', '/api/domains/{id}/check', after(null, 'domains'));
  const remove = api.useMutation('delete', '/api/domains/{id}', after(null, 'domains'));
  return (
    <Section
      title={domain.name}
      flush
      aside={
        <Group gap="xs">
          <StateBadge state={domain.isReady ? 'READY' : 'NOT_READY'} />
          {admin && (
            <>
              <Button size="xs" variant="default" leftSection={<IconRefresh size={14} aria-hidden />} loading={check.isPending} onClick={() => check.mutate(path)}>
                Check
              </Button>
              <RemoveButton name={domain.name} text="From this list alone: the provider still knows it, and DNS is yours." onConfirm={() => remove.mutate(path)} />
            </>
          )}
        </Group>
      }
    >
      <Dim px="lg">{[provider, domain.checkedAt ? `checked ${relative(domain.checkedAt)}` : 'not checked yet'].filter(Boolean).join(' · ')}</Dim>
      <Table.ScrollContainer minWidth={320} type="native">
        <Table aria-label={`Records of ${domain.name}`}>
          <Table.Tbody>
            {domain.records.map((record) => (
              <Table.Tr key={`${record.purpose} ${record.name} ${record.value}`}>
                <Table.Td>
                  <Text size="sm" fw={600}>
                    {PURPOSES[record.purpose]}
                  </Text>
                  <Copied label={`Name, ${record.type}`} value={record.name} />
                  <Copied label="Value" value={record.value} />
                  {record.state === 'WRONG' && <Dim size="xs">Found: {record.found.join(', ')}</Dim>}
                </Table.Td>
                <Table.Td w={110} style={{ verticalAlign: 'top' }}>
                  <StateBadge state={record.state} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}

function Copied({ label, value }: { label: string; value: string }) {
  return (
    <Group gap={4} wrap="nowrap" align="flex-start">
      <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        {label}
      </Text>
      <Text size="xs" className="code" style={{ overflowWrap: 'anywhere' }}>
        {value}
      </Text>
      <CopyIcon value={value} label={`Copy ${value}`} small />
    </Group>
  );
}

function AddDomain({ providers, onClose }: { providers: { value: string; label: string }[]; onClose: () => void }) {
  const form = useForm({ initialValues: { name: '', providerId: providers.length === 1 ? providers[0]!.value : null } });
  const create = api.useMutation('post', '/api/domains', SHOWN);
  const submit = form.onSubmit(({ name, providerId }) =>
    create.mutate(
      { body: { name, providerId: providerId ?? '' } },
      {
        onSuccess: () => {
          showDone('Copy its records to DNS, then check it.');
          void changed('domains');
          onClose();
        },
        onError: onFields(form, { domain_taken: 'name', provider_failed: 'providerId' }),
      },
    ),
  );
  return (
    <Dialog onClose={onClose} title="Add a domain">
      <DialogForm onSubmit={submit} onClose={onClose} pending={create.isPending} label="Add">
        <TextInput label="Domain" placeholder="mail.acme.example" required data-autofocus {...form.getInputProps('name')} />
        <Select label="Provider" description="That sends from it" data={providers} required allowDeselect={false} {...form.getInputProps('providerId')} />
      </DialogForm>
    </Dialog>
  );
}
