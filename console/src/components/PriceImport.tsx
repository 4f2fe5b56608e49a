// Prices from a spreadsheet. A file with an error changes nothing.
import { Alert, FileInput, List, Select, Switch, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { IconFileSpreadsheet } from '@tabler/icons-react';
import { changed, data, fetcher, SHOWN } from '../api/client';
import { isProblem, onFields, showDone } from '../api/problem';
import type { PricesImported } from '../api/schema';
import { capital, number } from '../lib/format';
import { currencies } from '../lib/places';
import { Dialog } from './Dialog';
import { DialogForm } from './forms';
import { useProviders } from './useProviders';

interface Values {
  providerId: string | null;
  file: File | null;
  currency: string | null;
  replace: boolean;
}

export function PriceImport({ providerId, onClose }: { providerId?: string; onClose: () => void }) {
  const { options } = useProviders();
  const form = useForm<Values>({ initialValues: { providerId: providerId ?? null, file: null, currency: null, replace: false } });
  const upload = useMutation({
    ...SHOWN,
    mutationFn: (values: Values) => {
      const body = new FormData();
      if (values.providerId) body.set('providerId', values.providerId);
      if (values.currency) body.set('currency', values.currency);
      if (values.replace) body.set('replace', 'true');
      if (values.file) body.set('file', values.file);
      return data<PricesImported>(fetcher.POST('/api/routing/prices/import', { body: body as never }));
    },
    onSuccess: ({ added, removed }) => {
      showDone(`${number(added)} prices added${removed ? `, ${number(removed)} replaced` : ''}.`);
      void changed('routing', 'messages/estimate');
      onClose();
    },
    onError: (error) => {
      if (!isProblem(error) || error.code !== 'rows_invalid') onFields(form, { file: 'file', columns_missing: 'file', not_a_spreadsheet: 'file', file_empty: 'file', file_damaged: 'file' })(error);
    },
  });
  const rows = isProblem(upload.error) && upload.error.code === 'rows_invalid' ? (upload.error.errors ?? []) : [];

  return (
    <Dialog onClose={onClose} title="Import prices" size="lg">
      <DialogForm onSubmit={form.onSubmit((values) => upload.mutate(values))} onClose={onClose} pending={upload.isPending} label="Import">
        {rows.length > 0 && (
          <Alert color="red" role="alert" title="Nothing was imported: some rows cannot be read">
            <List size="sm">
              {rows.slice(0, 20).map(({ pointer, detail }) => (
                <List.Item key={pointer}>
                  Row {pointer.split('/').at(-1)}: {capital(detail)}
                </List.Item>
              ))}
            </List>
          </Alert>
        )}
        <Select label="Provider" data={options} searchable required allowDeselect={false} data-autofocus {...form.getInputProps('providerId')} />
        <FileInput
          label="File"
          description="Excel or csv, with the columns destination and price, and if you like currency and validFrom"
          placeholder="prices.csv"
          accept=".xlsx,.xls,.ods,.csv,.txt"
          leftSection={<IconFileSpreadsheet size={16} aria-hidden />}
          clearable
          clearButtonProps={{ 'aria-label': 'Another file' }}
          required
          {...form.getInputProps('file')}
        />
        <Select label="Currency" description="Of rows that name none" data={currencies()} searchable clearable {...form.getInputProps('currency')} />
        <Switch label="Replace this provider’s other prices" {...form.getInputProps('replace', { type: 'checkbox' })} />
        <Text size="xs" c="dimmed">
          A destination is a country code (KE), the beginning of a number (+2547), or * for everywhere.
        </Text>
      </DialogForm>
    </Dialog>
  );
}
