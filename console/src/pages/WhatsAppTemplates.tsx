// The templates that WhatsApp approves, of each provider: listed, synced, handed in, deleted.
import { Button, Text } from '@mantine/core';
import { IconBrandWhatsapp, IconPlus, IconRefresh, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { after, api, changed, KEEP } from '../api/client';
import { showDone } from '../api/problem';
import type { TemplateCategory, TemplateStatus, WhatsAppTemplate } from '../api/schema';
import { useMay } from '../app/useSession';
import { actionColumn, column, Dim, Named } from '../components/columns';
import { DataTable } from '../components/DataTable';
import { Filters, FilterSelect, useFilters } from '../components/filters';
import { ButtonLink } from '../components/links';
import { Page } from '../components/Page';
import { RemoveButton } from '../components/RemoveButton';
import { Empty } from '../components/states';
import { StateBadge } from '../components/StateBadge';
import { useProviders } from '../components/useProviders';
import { WhatsAppTemplateForm } from '../components/WhatsAppTemplateForm';
import { number, options, words } from '../lib/format';
import { usePaging } from '../lib/paging';

const STATES = options(['APPROVED', 'PENDING', 'REJECTED', 'PAUSED'] satisfies TemplateStatus[]);
const CATEGORIES = options(['MARKETING', 'UTILITY', 'AUTHENTICATION'] satisfies TemplateCategory[]);

export default function WhatsAppTemplates() {
  const {
    filters: { providerId, status, category },
    change,
  } = useFilters();
  const admin = useMay('ADMIN');
  const [making, setMaking] = useState(false);
  const providers = useProviders({ channel: 'WHATSAPP' });
  const asked = { providerId, status: status as TemplateStatus | undefined, category: category as TemplateCategory | undefined };
  const paging = usePaging(asked);
  const query = api.useQuery('get', '/api/whatsapp-templates', { params: { query: { ...asked, limit: 25, cursor: paging.cursor } } }, KEEP);
  const remove = api.useMutation('delete', '/api/whatsapp-templates/{id}', after(null, 'whatsapp-templates'));
  const sync = api.useMutation('post', '/api/whatsapp-templates/sync', {
    onSuccess: ({ added, updated, removed }) => {
      showDone(`${number(added)} added, ${number(updated)} changed, ${number(removed)} gone.`);
      void changed('whatsapp-templates');
    },
  });
  const from = providerId ?? (providers.providers.length === 1 ? providers.providers[0]!.id : undefined);
  const actions = admin && (
    <>
      <Button
        variant="default"
        leftSection={<IconRefresh size={16} aria-hidden />}
        loading={sync.isPending}
        disabled={!from}
        title={from ? undefined : 'Choose a provider first'}
        onClick={() => from && sync.mutate({ body: { providerId: from } })}
      >
        Sync
      </Button>
      <Button leftSection={<IconPlus size={16} aria-hidden />} disabled={providers.providers.length === 0} onClick={() => setMaking(true)}>
        New template
      </Button>
    </>
  );

  return (
    <Page title="WhatsApp templates" about="What may be sent to people who have not written to you in the last 24 hours. WhatsApp approves each." back={{ to: '/templates', label: 'Templates' }} actions={actions}>
      <DataTable<WhatsAppTemplate>
        label="WhatsApp templates"
        query={query}
        paging={paging}
        bar={
          <Filters>
            <FilterSelect label="Provider" data={providers.options} value={providerId} onChange={(value) => change({ providerId: value })} w={190} />
            <FilterSelect label="State" data={STATES} value={status} onChange={(value) => change({ status: value })} />
            <FilterSelect label="Category" data={CATEGORIES} value={category} onChange={(value) => change({ category: value })} />
          </Filters>
        }
        columns={[
          column('Template', ({ name, components }) => <Named note={components.body}>{name}</Named>),
          column('State', ({ status, reason }) => (
            <>
              <StateBadge state={status} />
              {reason && <Dim size="xs">{reason}</Dim>}
            </>
          )),
          column('Language', ({ language }) => <Text size="sm">{language}</Text>, { wide: true }),
          column('Category', ({ category }) => <Dim>{words(category)}</Dim>, { wide: true }),
          column('Provider', (one) => <Dim>{providers.name(one.providerId) ?? '–'}</Dim>, { wide: true }),
          actionColumn(
            ({ id, name }) =>
              admin && (
                <RemoveButton
                  name={name}
                  verb="Delete"
                  text="At the provider too, where its API can. Messages that were accepted keep what they took from it."
                  onConfirm={() => remove.mutate({ params: { path: { id } } })}
                />
              ),
          ),
        ]}
        empty={
          providerId || status || category ? (
            <Empty icon={IconSearch} title="No such templates" />
          ) : (
            <Empty
              icon={IconBrandWhatsapp}
              title="No WhatsApp templates yet"
              action={providers.providers.length === 0 ? <ButtonLink to="/providers">Add a WhatsApp provider</ButtonLink> : undefined}
            >
              Sync those that you have at your provider, or hand in a new one.
            </Empty>
          )
        }
      />
      {making && <WhatsAppTemplateForm providers={providers.options} onClose={() => setMaking(false)} />}
    </Page>
  );
}
