// The organization's groups for pickers, by name.
import { useQuery } from '@tanstack/react-query';
import { data, fetcher } from '../api/client';
import type { Group } from '../api/schema';

/** Beyond so many a picker is of no use. */
const MOST = 1_000;

async function all(): Promise<Group[]> {
  const groups: Group[] = [];
  let cursor: string | undefined;
  do {
    const page = await data(fetcher.GET('/api/groups', { params: { query: { limit: 100, cursor } } }));
    groups.push(...page.data);
    cursor = page.nextCursor ?? undefined;
  } while (cursor && groups.length < MOST);
  return groups;
}

export function useGroups() {
  const query = useQuery({ queryKey: ['get', '/api/groups', 'all'], queryFn: all });
  const groups = query.data ?? [];
  return {
    groups,
    options: groups.map((group) => ({ value: group.id, label: group.name })),
    name: (id: string | null | undefined) => groups.find((group) => group.id === id)?.name,
  };
}
