// The log: every copy of every message, with search, filters and export.
import { Button, Group, Select, TextInput } from '@mantine/core';
import { DatePickerInput } from '@mantine/dates';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconDownload, IconHistory, IconSearch } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import dayjs from 'dayjs';
import { useState } from 'react';
import { api, download } from '../api/client';
import { showProblem } from '../api/problem';
import type { DeliveryStatus } from '../api/schema';
import { DataTable } from '../components/DataTable';
import { DeliveryDrawer } from '../components/DeliveryDrawer';
import { deliveryColumns } from '../components/deliveryColumns';
import { Page } from '../components/Page';
import { Empty } from '../components/states';
import { toInstant, words } from '../lib/format';
import { usePaging } from '../lib/paging';

const STATES: DeliveryStatus[] = ['PENDING', 'SENT', 'DELIVERED', 'READ', 'FAILED', 'SKIPPED', 'UNKNOWN', 'CANCELLED'];

export default function History() {
  const { delivery, from, to, ...filters } = useSearch({ from: '/inside/history' });
  const navigate = useNavigate({ from: '/history' });
  const [recipient, setRecipient] = useState(filters.recipient ?? '');
  const change = (search: Record<string, string | undefined>) => void navigate({ search: (before) => ({ ...before, ...search }), replace: true });
  const later = useDebouncedCallback(change, 400);
  // Days of the organization; the last one counts.
  const asked = {
    ...filters,
    status: filters.status as DeliveryStatus | undefined,
    from: from && toInstant(`${from} 00:00:00`),
    to: to && toInstant(`${dayjs(to).add(1, 'day').format('YYYY-MM-DD')} 00:00:00`),
  };
  const paging = usePaging(asked);
  const query = api.useQuery(
    'get',
    '/api/deliveries',
    { params: { query: { ...asked, limit: 25, cursor: paging.cursor } } },
    { placeholderData: (before) => before },
  );
  const providers = api.useQuery('get', '/api/providers', { params: { query: { limit: 100 } } });
  const keep = () => {
    const chosen = new URLSearchParams(Object.entries(asked).filter((pair): pair is [string, string] => !!pair[1]));
    download(`/api/deliveries/export?${chosen}`, 'deliveries.csv').catch(showProblem);
  };

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
      <DataTable
        label="Deliveries"
        columns={deliveryColumns((one) => change({ delivery: one.id }))}
        query={query}
        paging={paging}
        id={(one) => one.id}
        onOpen={(one) => change({ delivery: one.id })}
        bar={
          <Group gap="sm">
            <TextInput
              aria-label="Recipient"
              placeholder="Number or e-mail address"
              leftSection={<IconSearch size={16} aria-hidden />}
              value={recipient}
              flex={1}
              miw={180}
              error={query.error?.errors?.find(({ pointer }) => pointer === '?recipient')?.detail}
              onChange={(event) => {
                setRecipient(event.currentTarget.value);
                later({ recipient: event.currentTarget.value || undefined });
              }}
            />
            <Select
              aria-label="Status"
              placeholder="Any status"
              data={STATES.map((value) => ({ value, label: words(value) }))}
              value={filters.status ?? null}
              onChange={(value) => change({ status: value ?? undefined })}
              clearable
              w={150}
            />
            <Select
              aria-label="Provider"
              placeholder="Any provider"
              data={(providers.data?.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
              value={filters.providerId ?? null}
              onChange={(value) => change({ providerId: value ?? undefined })}
              clearable
              w={160}
            />
            <DatePickerInput
              type="range"
              aria-label="Days"
              placeholder="Any day"
              valueFormat="D MMM"
              allowSingleDateInRange
              clearable
              w={190}
              value={[from ?? null, to ?? null]}
              onChange={([first, last]) => change({ from: first ?? undefined, to: last ?? undefined })}
            />
            {filters.messageId && (
              <Button size="xs" variant="light" onClick={() => change({ messageId: undefined })}>
                One message only ✕
              </Button>
            )}
          </Group>
        }
        empty={
          <Empty icon={IconHistory} title="Nothing here">
            Copies show here as soon as a message goes out. Change the filters if you expected some.
          </Empty>
        }
      />
      <DeliveryDrawer id={delivery} onClose={() => change({ delivery: undefined })} />
    </Page>
  );
}
