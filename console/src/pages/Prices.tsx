// The price table: what providers charge, which estimates and the routing by price read.
import { ActionIcon, Button, Group } from '@mantine/core';
import { IconFileImport, IconPencil, IconPlus, IconReceipt, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { after, api, KEEP } from '../api/client';
import type { Price } from '../api/schema';
import { useMay } from '../app/useSession';
import { actionColumn, column, Dim, Named } from '../components/columns';
import { DataTable } from '../components/DataTable';
import { Filters, FilterSelect, useFilters } from '../components/filters';
import { Page } from '../components/Page';
import { PriceForm } from '../components/PriceForm';
import { PriceImport } from '../components/PriceImport';
import { RemoveButton } from '../components/RemoveButton';
import { Empty } from '../components/states';
import { useProviders } from '../components/useProviders';
import { date, money, words } from '../lib/format';
import { usePaging } from '../lib/paging';
import { destinationName } from '../lib/places';

export default function Prices() {
  const {
    filters: { providerId },
    change,
  } = useFilters();
  const admin = useMay('ADMIN');
  const [open, setOpen] = useState<Price | 'new' | 'import'>();
  const { options, name } = useProviders();
  const paging = usePaging(providerId);
  const query = api.useQuery('get', '/api/routing/prices', { params: { query: { providerId, limit: 25, cursor: paging.cursor } } }, KEEP);
  const remove = api.useMutation('delete', '/api/routing/prices/{id}', after(null, 'routing', 'messages/estimate'));
  const actions = admin && (
    <>
      <Button variant="default" leftSection={<IconFileImport size={16} aria-hidden />} onClick={() => setOpen('import')}>
        Import
      </Button>
      <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpen('new')}>
        New price
      </Button>
    </>
  );
  const close = () => setOpen(undefined);

  return (
    <Page
      title="Prices"
      about="What your providers charge for a segment, or for a message where there are no segments. The estimate of a message and the rule “the cheapest” read it."
      actions={actions}
    >
      <DataTable<Price>
        label="Prices"
        query={query}
        paging={paging}
        bar={
          <Filters>
            <FilterSelect label="Provider" data={options} value={providerId} onChange={(value) => change({ providerId: value })} searchable w={220} />
          </Filters>
        }
        columns={[
          column('Destination', (price) => <Named note={name(price.providerId) ?? 'a deleted provider'}>{destinationName(price.destination)}</Named>),
          column('Price', ({ price }) => money(price), { numeric: true }),
          column('Category', ({ category }) => <Dim>{category ? words(category) : 'everything'}</Dim>, { wide: true }),
          column('From', ({ validFrom }) => <Dim nowrap>{date(validFrom)}</Dim>, { numeric: true, wide: true }),
          actionColumn((price) =>
            admin ? (
              <>
                <ActionIcon aria-label={`Change the price for ${destinationName(price.destination)}`} onClick={() => setOpen(price)}>
                  <IconPencil size={16} aria-hidden />
                </ActionIcon>
                <RemoveButton
                  name={`the price for ${destinationName(price.destination)}`}
                  text="Estimates for these recipients take a wider price, or have none."
                  onConfirm={() => remove.mutate({ params: { path: { id: price.id } } })}
                />
              </>
            ) : null,
          ),
        ]}
        empty={
          providerId ? (
            <Empty icon={IconSearch} title="No price of this provider" />
          ) : (
            <Empty icon={IconReceipt} title="No prices yet" action={actions && <Group gap="xs">{actions}</Group>}>
              With prices, you see what a message costs before it goes out. The longest beginning of a number counts, then its country, then everywhere.
            </Empty>
          )
        }
      />
      {open === 'import' && <PriceImport providerId={providerId} onClose={close} />}
      {open && open !== 'import' && <PriceForm price={open === 'new' ? undefined : open} providerId={providerId} onClose={close} />}
    </Page>
  );
}
