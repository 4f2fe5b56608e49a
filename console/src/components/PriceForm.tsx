// Adding or correcting a price.
import { Group, Select, TextInput } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import { useForm } from '@mantine/form';
import { api, changed, SHOWN } from '../api/client';
import { onFields, showDone } from '../api/problem';
import type { Price, TemplateCategory } from '../api/schema';
import { decimal, options as choices, toInstant, toLocal } from '../lib/format';
import { currencies } from '../lib/places';
import { Dialog } from './Dialog';
import { DialogForm } from './forms';
import { useProviders } from './useProviders';

const CATEGORIES = choices(['MARKETING', 'UTILITY', 'AUTHENTICATION'] satisfies TemplateCategory[]);

export function PriceForm({ price, providerId, onClose }: { price?: Price; providerId?: string; onClose: () => void }) {
  const { options, find } = useProviders();
  const form = useForm({
    initialValues: {
      providerId: price?.providerId ?? providerId ?? null,
      destination: price?.destination ?? '',
      amount: price?.price.amount ?? '',
      currency: price?.price.currency ?? null,
      category: price?.category ?? null,
      validFrom: price ? toLocal(price.validFrom) : null,
    },
  });
  const create = api.useMutation('post', '/api/routing/prices', SHOWN);
  const save = api.useMutation('put', '/api/routing/prices/{id}', SHOWN);
  const onWhatsApp = find(form.values.providerId)?.channel === 'WHATSAPP';
  const submit = form.onSubmit(({ providerId, destination, amount, currency, category, validFrom }) => {
    // A comma is how many write the point.
    const body = { destination, price: { amount: decimal(amount), currency: currency ?? '' }, validFrom: validFrom && toInstant(validFrom) };
    const onError = onFields(form, { 'price.amount': 'amount', 'price.currency': 'currency', price: 'amount' });
    const onSuccess = () => {
      showDone(price ? 'The price is changed.' : 'The price is added.');
      void changed('routing', 'messages/estimate');
      onClose();
    };
    if (price) save.mutate({ params: { path: { id: price.id } }, body }, { onSuccess, onError });
    else create.mutate({ body: { ...body, providerId: providerId ?? '', category: onWhatsApp ? category : null } }, { onSuccess, onError });
  });

  return (
    <Dialog onClose={onClose} title={price ? 'Change the price' : 'New price'}>
      <DialogForm onSubmit={submit} onClose={onClose} pending={create.isPending || save.isPending}>
        <Select label="Provider" data={options} searchable required allowDeselect={false} disabled={!!price} data-autofocus={!price || undefined} {...form.getInputProps('providerId')} />
        <TextInput
          label="Destination"
          description="A country code (KE), the beginning of a number (+2547), or * for everywhere"
          required
          data-autofocus={price ? true : undefined}
          {...form.getInputProps('destination')}
        />
        <Group grow align="flex-start">
          <TextInput label="Price" inputMode="decimal" placeholder="0.80" required {...form.getInputProps('amount')} />
          <Select label="Currency" data={currencies()} searchable required allowDeselect={false} {...form.getInputProps('currency')} />
        </Group>
        {onWhatsApp && (
          <Select label="Category" description="Of templates; left empty, of everything" data={CATEGORIES} clearable disabled={!!price} {...form.getInputProps('category')} />
        )}
        <DateTimePicker
          label="From"
          description={price ? 'A price that changes from a day on is a new one' : 'Left empty, from now on'}
          valueFormat="D MMM YYYY, HH:mm"
          clearable={!price}
          {...form.getInputProps('validFrom')}
        />
      </DialogForm>
    </Dialog>
  );
}
