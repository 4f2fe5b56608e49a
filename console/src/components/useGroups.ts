// The organization's groups for pickers, by name.
import { useQuery } from '@tanstack/react-query';
import { data, fetcher } from '../api/client';
import { everything } from '../api/everything';

export function useGroups() {
  const query = useQuery({ queryKey: ['get', '/api/groups', 'all'], queryFn: () => everything((cursor) => data(fetcher.GET('/api/groups', { params: { query: { limit: 100, cursor } } }))) });
  const groups = query.data ?? [];
  return {
    groups,
    options: groups.map((group) => ({ value: group.id, label: group.name })),
    name: (id: string | null | undefined) => groups.find((group) => group.id === id)?.name,
  };
}
