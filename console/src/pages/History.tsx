// The log: every copy of every message, with search, filters and export.
import { Button } from '@mantine/core';
import { IconDownload, IconHistory } from '@tabler/icons-react';
import { api, download, KEEP } from '../api/client';
import { showProblem } from '../api/problem';
import type { DeliveryStatus } from '../api/schema';
import { DaysFilter, period } from '../components/DaysFilter';
import { DeliveryTable } from '../components/DeliveryTable';
import { Filters, FilterSelect, SearchField, useFilters } from '../components/filters';
import { Page } from '../components/Page';
import { Empty } from '../components/states';
import { useProviders } from '../components/useProviders';
import { options } from '../lib/format';
import { usePaging } from '../lib/paging';

const STATES: DeliveryStatus[] = ['PENDING', 'SENT', 'DELIVERED', 'READ', 'FAILED', 'SKIPPED', 'UNKNOWN', 'CANCELLED'];

export default function History() {
  const {
    filters: { delivery, from, to, status, recipient, messageId, providerId },
    change,
  } = useFilters();
  const asked = { status: status as DeliveryStatus | undefined, recipient, messageId, providerId, ...period({ from, to }) };
  const paging = usePaging(asked);
  const query = api.useQuery('get', '/api/deliveries', { params: { query: { ...asked, limit: 25, cursor: paging.cursor } } }, KEEP);
  const providers = useProviders();
  const keep = () => {
    const chosen = new URLSearchParams(Object.entries(asked).filter((pair): pair is [string, string] => !!pair[1]));
    download(`/api/deliveries/export?${chosen}`, 'deliveries.csv').catch(showProblem);
  };
  const filters = (
    <Filters>
      <SearchField
        label="Recipient"
        placeholder="Number or e-mail address"
        value={recipient}
        error={query.error?.errors?.find(({ pointer }) => pointer === '?recipient')?.detail}
        onSearch={(text) => change({ recipient: text })}
      />
      <FilterSelect label="Status" data={options(STATES)} value={status} onChange={(value) => change({ status: value })} />
      <FilterSelect label="Provider" data={providers.options} value={providerId} onChange={(value) => change({ providerId: value })} />
      <DaysFilter from={from} to={to} onChange={change} />
      {messageId && (
        <Button size="xs" variant="light" onClick={() => change({ messageId: undefined })}>
          One message only ✕
        </Button>
      )}
    </Filters>
  );

  return (
    <Page
      title="History"
      about="Every copy of every message, and what became of it."
      actions={
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />} onClick={keep}>
          Export
        </Button>
      }
    >
      <DeliveryTable
        label="Deliveries"
        query={query}
        paging={paging}
        bar={filters}
        shown={delivery}
        onShow={(id) => change({ delivery: id })}
        empty={
          <Empty icon={IconHistory} title="Nothing here">
            Copies show here as soon as a message goes out. Change the filters if you expected some.
          </Empty>
        }
      />
    </Page>
  );
}
