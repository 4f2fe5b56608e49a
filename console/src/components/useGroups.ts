// The organization's groups for pickers: the first hundred by name.
import { api } from '../api/client';

export function useGroups() {
  const query = api.useQuery('get', '/api/groups', { params: { query: { limit: 100 } } });
  const groups = query.data?.data ?? [];
  return {
    groups,
    options: groups.map((group) => ({ value: group.id, label: group.name })),
    name: (id: string | null | undefined) => groups.find((group) => group.id === id)?.name,
  };
}
