// The organization's provider configs for pickers and for what names them by id.
import { api } from '../api/client';
import type { Channel } from '../api/schema';

/** All configs, or those of a channel; `usable` leaves out those that are not in use. */
export function useProviders({ channel, usable }: { channel?: Channel; usable?: boolean } = {}) {
  const query = api.useQuery('get', '/api/providers', { params: { query: { limit: 100, channel, isActive: usable } } });
  const providers = query.data?.data ?? [];
  return {
    providers,
    options: providers.map(({ id, name }) => ({ value: id, label: name })),
    find: (id: string | null | undefined) => providers.find((provider) => provider.id === id),
    name: (id: string | null | undefined) => providers.find((provider) => provider.id === id)?.name,
  };
}
