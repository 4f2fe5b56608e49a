// The organization's templates for pickers.
import { useQuery } from '@tanstack/react-query';
import { data, fetcher } from '../api/client';
import { everything } from '../api/everything';
import type { Channel } from '../api/schema';

/** All templates, or those of a channel; `enabled` when they are wanted. */
export function useTemplates({ channel, enabled }: { channel?: Channel; enabled?: boolean } = {}) {
  const query = useQuery({
    queryKey: ['get', '/api/templates', 'all', channel],
    queryFn: () => everything((cursor) => data(fetcher.GET('/api/templates', { params: { query: { limit: 100, cursor, channel } } }))),
    enabled,
  });
  const templates = query.data ?? [];
  return {
    options: templates.map(({ id, name }) => ({ value: id, label: name })),
    find: (id: string | null | undefined) => templates.find((template) => template.id === id),
  };
}

/** All WhatsApp templates that may be sent; `enabled` when they are wanted. */
export function useWhatsAppTemplates(enabled: boolean) {
  const query = useQuery({
    queryKey: ['get', '/api/whatsapp-templates', 'all'],
    queryFn: () => everything((cursor) => data(fetcher.GET('/api/whatsapp-templates', { params: { query: { limit: 100, cursor, status: 'APPROVED' } } }))),
    enabled,
  });
  return query.data ?? [];
}
