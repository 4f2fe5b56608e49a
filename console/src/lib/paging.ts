// Paging by cursors: one page is held, and the way back is the list of cursors that led here.
import { useState } from 'react';

export interface Paging {
  cursor: string | undefined;
  page: number;
  next: (cursor: string) => void;
  previous: () => void;
}

/** Begins again at the first page whenever `filters` change. */
export function usePaging(filters: unknown): Paging {
  const key = JSON.stringify(filters);
  const [state, setState] = useState<{ key: string; cursors: string[] }>({ key, cursors: [] });
  const cursors = state.key === key ? state.cursors : [];
  return {
    cursor: cursors.at(-1),
    page: cursors.length + 1,
    next: (cursor) => setState({ key, cursors: [...cursors, cursor] }),
    previous: () => setState({ key, cursors: cursors.slice(0, -1) }),
  };
}
